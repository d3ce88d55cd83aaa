import { homedir } from 'node:os'
import { basename } from 'node:path'
import type { Outcome } from './outcome.ts'
import { publicRegistriesIn } from './public-registries.ts'
import { readSource, repositoryFiles, root } from './repository.ts'

const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*$/
/** Names that say nothing about what is inside. */
const banned = new Set(['util', 'utils', 'common', 'helper', 'helpers', 'misc'])
const readable = /\.(ts|mjs|js|json|md|ya?ml|sh|html|css|svg|xml|conf)$|(^|\/)(run|setup|LICENSE|\.npmrc)$/
/** Places on one machine: this checkout, this home, and homes and work folders anywhere. */
const places = [
  `${root}/`,
  `${homedir()}/.`,
  String.raw`(?<![\w.-])/(home|Users)/[\w-]+/`,
  String.raw`(?<![\w.$}-])/${'work'}/`,
]

/** File names, folder names, format names outside formats, public registries' hosts and paths of one machine. */
export function checkNames(): Outcome {
  const files = repositoryFiles()
  const ids = formatFolders(files)
  const problems = files.flatMap((path) => [...nameProblems(path), ...textProblems(path, ids)])
  return { problems, note: `${files.length} files, ${ids.length} formats` }
}

/** Folders under src/formats that hold a format; `testing` is the shared suite. */
export function formatFolders(files: readonly string[]): string[] {
  const folders = files.map((path) => /^src\/formats\/([^/]+)\//.exec(path)?.[1])
  return [...new Set(folders)].filter((name) => name !== undefined && name !== 'testing') as string[]
}

/** What is wrong with a path's own words. */
export function nameProblems(path: string): string[] {
  if (!/^(src|test|tools|bench)\//.test(path)) return []
  const folders = path.split('/').slice(0, -1)
  const [stem = '', ...suffixes] = path.endsWith('.ts') ? basename(path, '.ts').split('.') : ['']
  const problems = [...folders, ...suffixes, stem]
    .filter((word) => word !== '' && !kebabCase.test(word) && path.endsWith('.ts'))
    .map((word) => `${path}: "${word}" is not kebab-case`)
  const empty = [...folders, stem].filter((word) => banned.has(word))
  return [...problems, ...empty.map((word) => `${path}: "${word}" does not say what is inside`)]
}

/** What is wrong with the words in a file. `ids` are the formats'. */
export function textProblems(path: string, ids: readonly string[], read = readSource): string[] {
  if (!readable.test(path)) return []
  const text = read(path)
  const problems = publicRegistriesIn(text).map((host) => `${path}: names the public registry ${host}`)
  for (const place of places) {
    const found = new RegExp(place).exec(text)
    if (found) problems.push(`${path}:${lineAt(text, found.index)}: ${found[0]} is a place on one machine`)
  }
  if (knowsNoFormat(path)) problems.push(...formatProblems(path, text, ids))
  return problems
}

/** Whether the file belongs to the part of the program that must work for any format. */
function knowsNoFormat(path: string): boolean {
  return /^src\/(?!formats\/).*(?<!\.test|\.suite)\.ts$/.test(path)
}

function formatProblems(path: string, text: string, ids: readonly string[]): string[] {
  const rules = [String.raw`\b\w*[fF]ormat\.id\s*[!=]==?|switch \(\w*[fF]ormat\.id\)`]
  if (ids.length > 0) rules.push(String.raw`(['"\x60])(${ids.join('|')})\1`)
  return rules.flatMap((rule) =>
    [...text.matchAll(new RegExp(rule, 'g'))].map(
      ({ 0: found, index }) => `${path}:${lineAt(text, index)}: ${found} names a format outside src/formats`,
    ),
  )
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}
