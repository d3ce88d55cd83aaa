import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Absolute path of the checkout. */
export const root = join(import.meta.dirname, '..', '..')

/** Never ours: libraries and what running leaves; for checkouts without git, which know no .gitignore. */
const foreign = new Set(['.git', 'node_modules', 'data', '.cache', '.work'])

/** Paths, relative to the root, of all files that are committed or would be; those just deleted are left out. */
export function repositoryFiles(): readonly string[] {
  const paths = existsSync(join(root, '.git')) ? gitFiles() : allFiles('')
  return paths.filter((path) => existsSync(join(root, path))).toSorted()
}

function gitFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  return [...new Set(listed.split('\0').filter(Boolean))]
}

function allFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (foreign.has(entry.name)) return []
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    return entry.isDirectory() ? allFiles(path) : [path]
  })
}

/** The program's own sources: TypeScript, and the launcher. */
export function sourceFiles(): readonly string[] {
  return repositoryFiles().filter((path) => path.endsWith('.ts') || path === 'entrepot.mjs')
}

/** Text of a file given relative to the root. */
export function readSource(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}
