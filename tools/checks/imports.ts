import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import { importRules } from './import-rules.ts'
import type { Outcome } from './outcome.ts'
import { repositoryFiles, root } from './repository.ts'

/** Imports that the rules must catch, as rule, importing file and imported file. */
const forbidden: readonly (readonly [rule: string, from: string, to: string])[] = [
  ['a-format-stands-alone', 'src/formats/one/index.ts', 'src/core/publish.ts'],
  ['a-format-stands-alone', 'src/formats/one/index.ts', 'src/formats/two/index.ts'],
  ['tests-of-a-format-stand-alone', 'src/formats/one/one.test.ts', 'src/formats/two/index.ts'],
  ['the-contract-stands-alone', 'src/formats/handlers.ts', 'src/core/publish.ts'],
  ['no-format-is-known-outside', 'src/core/publish.ts', 'src/formats/one/index.ts'],
  ['no-format-is-known-outside', 'src/web/page.ts', 'src/formats/index.ts'],
  ['the-app-knows-the-list', 'src/app.ts', 'src/formats/one/index.ts'],
  ['the-core-is-inside', 'src/core/publish.ts', 'src/http/server.ts'],
  ['lib-is-at-the-bottom', 'src/lib/problem.ts', 'src/core/publish.ts'],
  ['the-program-knows-no-tests', 'src/http/server.ts', 'test/app.ts'],
]
/** Imports that they must let through. */
const allowed: readonly (readonly [from: string, to: string])[] = [
  ['src/formats/one/index.ts', 'src/formats/handlers.ts'],
  ['src/formats/one/index.ts', 'src/formats/one/upload.ts'],
  ['src/formats/one/samples.ts', 'src/formats/testing/samples.ts'],
  ['src/formats/one/one.test.ts', 'src/formats/testing/samples.ts'],
  ['src/core/publish.ts', 'src/formats/format.ts'],
  ['src/app.ts', 'src/formats/index.ts'],
]

/** The import rules over src, after proof that modules are read and that the rules catch what they forbid. */
export async function checkImports(): Promise<Outcome> {
  const folders = ['src', 'test', 'tools', 'bench'].filter((folder) => existsSync(join(root, folder)))
  const result = await readImports(root, folders)
  const read = result.modules.filter(
    ({ source }) => source.startsWith('src/') && source.endsWith('.ts'),
  ).length
  const there = repositoryFiles().filter((path) => path.startsWith('src/') && path.endsWith('.ts')).length
  const problems = violations(result).map(({ rule, from, to }) => `${from} -> ${to}: ${commentOf(rule)}`)
  if (read < there)
    problems.push(`only ${read} of the ${there} modules under src were read: the rules prove nothing`)
  if (result.summary.totalDependenciesCruised === 0)
    problems.push('no import was seen: the rules prove nothing')
  problems.push(...(await selfTest()))
  return { problems, note: `${read} modules, ${result.summary.totalDependenciesCruised} imports` }
}

interface Violation {
  readonly rule: string
  readonly from: string
  readonly to: string
}

async function readImports(baseDir: string, folders: string[]): Promise<ICruiseResult> {
  const { output } = await cruise(folders, {
    baseDir,
    parser: 'swc',
    doNotFollow: { path: ['node_modules'] },
    validate: true,
    ruleSet: { forbidden: [...importRules] },
  })
  if (typeof output === 'string')
    throw new Error('dependency-cruiser answered with text where data was expected')
  return output
}

const violations = (result: ICruiseResult): Violation[] =>
  result.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }))

const commentOf = (name: string): string => importRules.find((rule) => rule.name === name)?.comment ?? name

/** Runs the rules on a small tree that breaks each of them once. */
async function selfTest(): Promise<string[]> {
  const place = await mkdtemp(join(tmpdir(), 'entrepot-import-rules-'))
  try {
    const wanted = forbidden.map(([, from, to]) => [from, to] as const)
    await plant(place, [...wanted, ...allowed])
    const found = violations(await readImports(place, ['src', 'test']))
    const missed = forbidden.filter(([rule, from, to]) => !found.some((one) => same(one, { rule, from, to })))
    const wrong = found.filter(({ from, to }) => allowed.some(([a, b]) => a === from && b === to))
    return [
      ...missed.map(([rule, from, to]) => `self-test: ${rule} did not catch ${from} -> ${to}`),
      ...wrong.map(({ rule, from, to }) => `self-test: ${rule} forbids ${from} -> ${to}`),
    ]
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}

function same(a: Violation, b: Violation): boolean {
  return a.rule === b.rule && a.from === b.from && a.to === b.to
}

async function plant(place: string, edges: readonly (readonly [from: string, to: string])[]): Promise<void> {
  const paths = new Set(edges.flat())
  for (const path of paths) {
    const imports = edges.filter(([from]) => from === path).map(([, to]) => importLine(path, to))
    await mkdir(dirname(join(place, path)), { recursive: true })
    await writeFile(join(place, path), [...imports, 'export const value = 1\n'].join('\n'))
  }
}

function importLine(from: string, to: string): string {
  return `import '${'../'.repeat(from.split('/').length - 1)}${to}'`
}
