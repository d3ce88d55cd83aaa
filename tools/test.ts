/**
 * `npm test [-- <path> ...]`: every test that needs nothing but Node, or those whose path starts with, or contains,
 * one of the given words. `--servers=<nodes|faults>` first: those that need the servers of `test/nodes/setup`. Beside failing tests it refuses runs that prove nothing: no test at all, tests skipped where
 * CI is set, and files left in the temporary directory.
 */
import { mkdtempSync, globSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'

const nodeAlone = [
  'src/**/*.test.ts',
  'test/*.test.ts',
  'test/app/**/*.test.ts',
  'test/faults/*.test.ts',
  'test/matrix/**/*.test.ts',
  'test/serving/**/*.test.ts',
  'tools/**/*.test.ts',
  'bench/**/*.test.ts',
]
const withServers: Readonly<Record<string, readonly string[]>> = {
  '--servers=nodes': ['test/nodes/**/*.test.ts'],
  '--servers=faults': ['test/faults/servers/**/*.test.ts'],
}
/** One test may take this long, in milliseconds. */
const timeout = 120_000
const concurrency = 2
const fileDeadline = new URL('file-deadline.ts', import.meta.url).href

interface Counts {
  readonly tests: number
  readonly skipped: number
  readonly todo: number
}

const args = process.argv.slice(2)
const servers = withServers[args[0] ?? '']
const patterns = servers ?? nodeAlone
const words = servers ? args.slice(1) : args
const files = globSync(patterns).filter(
  (file) => words.length === 0 || words.some((word) => file.includes(word)),
)
const temporary = mkdtempSync(join(tmpdir(), 'entrepot-tests-'))
process.env['TMPDIR'] = temporary

const counts = await runAll(files.toSorted())
for (const complaint of complaints(counts)) {
  console.error(`npm test: ${complaint}`)
  process.exitCode = 1
}
rmSync(temporary, { recursive: true, force: true })

async function runAll(paths: string[]): Promise<Counts> {
  let total: Counts = { tests: 0, skipped: 0, todo: 0 }
  if (paths.length === 0) return total
  const events = run({ files: paths, concurrency, timeout, execArgv: ['--import', fileDeadline] })
  events.on('test:fail', (event) => {
    if (event.todo === undefined) process.exitCode = 1
  })
  events.on('test:summary', (event) => {
    if (event.file === undefined) total = event.counts
  })
  const lines = events.compose(new spec())
  for await (const line of lines) process.stdout.write(line as string)
  return total
}

function* complaints({ tests, skipped, todo }: Counts): Iterable<string> {
  if (tests === 0) yield `no test ran (${words.join(' ') || 'no test files found'})`
  if (process.env['CI'] && skipped + todo > 0)
    yield `${skipped + todo} tests were skipped, which CI does not allow`
  const left = readdirSync(temporary)
  if (left.length > 0) yield `tests left behind in the temporary directory: ${left.join(', ')}`
}
