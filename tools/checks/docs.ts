import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { type Fence, type Page, readPage } from './markdown.ts'
import type { Outcome } from './outcome.ts'
import { readSource, repositoryFiles, root } from './repository.ts'
import { runTool } from './run-tool.ts'

const shells = new Set(['sh', 'bash', 'shell', 'console'])

/** Examples in the documents are what they claim to be, and their links lead somewhere. */
export async function checkDocs(): Promise<Outcome> {
  const files = repositoryFiles()
  const paths = files.filter((path) => path.endsWith('.md'))
  const pages = new Map(paths.map((path) => [path, readPage(readSource(path))]))
  const fences = [...pages].flatMap(([path, page]) => page.fences.map((fence) => ({ path, fence })))
  const scripts = fences.filter(({ fence }) => shells.has(fence.language))
  const examples = fences.filter(({ fence }) => fence.language === 'ts')
  const problems = [
    ...[...pages].flatMap(([path, page]) => brokenLinks(path, page, pages)),
    ...scripts.flatMap(({ path, fence }) => shellProblems(path, fence)),
    ...(await typeProblems(examples)),
  ]
  return {
    problems,
    note: `${paths.length} pages, ${scripts.length} shell and ${examples.length} ts examples`,
  }
}

function brokenLinks(path: string, page: Page, pages: ReadonlyMap<string, Page>): string[] {
  const broken = page.links.filter(({ target }) => !leadsSomewhere(path, target, pages))
  return broken.map(({ target, line }) => `${path}:${line}: ${target} leads nowhere`)
}

function leadsSomewhere(path: string, target: string, pages: ReadonlyMap<string, Page>): boolean {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return true
  const [file = '', anchor] = target.split('#')
  const place = file === '' ? path : normalize(join(dirname(path), decodeURIComponent(file)))
  if (place.startsWith('..') || !statSync(join(root, place), { throwIfNoEntry: false })) return false
  return anchor === undefined || !pages.has(place) || pages.get(place)!.anchors.has(anchor)
}

function shellProblems(path: string, fence: Fence): string[] {
  const text = fence.language === 'console' ? typedLines(fence.text) : fence.text
  const { status, stderr } = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' })
  return status === 0 ? [] : [`${path}:${fence.line}: ${stderr.trim()}`]
}

/** What a person types in a session: the lines behind `$`. */
function typedLines(session: string): string {
  const typed = session.split('\n').filter((line) => line.startsWith('$ '))
  return typed.map((line) => line.slice(2)).join('\n')
}

/** Compiles each example as a module that stands where its page stands. */
async function typeProblems(examples: readonly { path: string; fence: Fence }[]): Promise<string[]> {
  if (examples.length === 0) return []
  mkdirSync(join(root, '.cache'), { recursive: true })
  const place = mkdtempSync(join(root, '.cache', 'examples-'))
  try {
    for (const { path, fence } of examples) {
      const name = `${path.replaceAll(/[^\w-]/g, '-')}-line-${fence.line}.ts`
      writeFileSync(join(place, name), `${fromPage(place, path, fence.text)}\nexport {}\n`)
    }
    writeFileSync(
      join(place, 'tsconfig.json'),
      JSON.stringify({
        extends: join(root, 'tsconfig.json'),
        include: ['*.ts'],
        compilerOptions: { types: ['node'] },
      }),
    )
    return (await runTool('tsc', ['--project', place])).problems.slice()
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

function fromPage(place: string, path: string, text: string): string {
  const folder = relative(place, join(root, dirname(path)))
  return text.replaceAll(
    /(\bfrom |\bimport\()'(\.{1,2}\/[^']+)'/g,
    (_, before: string, target: string) => `${before}'${join(folder, target)}'`,
  )
}
