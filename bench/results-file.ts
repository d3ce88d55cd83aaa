import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'

/** Writes what was measured to `bench/results/<date>-<short commit><ending>.json` and gives the path. */
export function writeResults(
  rows: readonly unknown[],
  settings: Readonly<Record<string, unknown>>,
  ending = '',
): string {
  const date = new Date().toISOString()
  const commit = git('rev-parse', '--short', 'HEAD')
  const isChanged =
    git('status', '--porcelain', '--', 'src', 'bench/load', 'bench/scenarios', 'bench/million') !== ''
  const directory = join(import.meta.dirname, 'results')
  const path = join(directory, `${date.slice(0, 10)}-${commit}${ending}.json`)
  const processors = { model: cpus()[0]?.model, count: cpus().length }
  const results = { date, commit, isChanged, node: process.version, processors, settings, rows }
  mkdirSync(directory, { recursive: true })
  writeFileSync(path, `${JSON.stringify(results, undefined, 2)}\n`)
  return path
}

function git(...words: string[]): string {
  return execFileSync('git', words, { cwd: import.meta.dirname, encoding: 'utf8' }).trim()
}
