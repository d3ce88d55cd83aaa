/**
 * `npm test [-- <path> ...]`: every test that needs nothing but Node, or those whose path starts with, or contains,
 * one of the given words; `--set=<name>` chooses others (`test-sets.ts`). Beside failing tests it refuses runs that
 * prove nothing: no test at all, tests skipped where CI is set, and files left in the temporary directory.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { chosenSet } from './test-sets.ts'

/** One test may take this long, in milliseconds. */
const timeout = 120_000
const fileDeadline = new URL('file-deadline.ts', import.meta.url).href

interface Counts {
  readonly tests: number
  readonly skipped: number
  readonly todo: number
}

const { set, words } = chosenSet(process.argv.slice(2))
const files = set
  .files()
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .toSorted()
const temporary = mkdtempSync(join(tmpdir(), 'entrepot-tests-'))
process.env['TMPDIR'] = temporary

const timedFiles = files.filter((file) => set.timed?.includes(file))
const others = files.filter((file) => !timedFiles.includes(file))
const servers = await startServers()
const counts = await runAll(others)
for (const server of servers.toReversed()) await server.stop()
const more = await runAll(timedFiles, 1)
for (const complaint of complaints(sumOf(counts, more))) {
  console.error(`npm test: ${complaint}`)
  process.exitCode = 1
}
rmSync(temporary, { recursive: true, force: true })

/** Each app that a test starts gets a database of its own, copied from one that is migrated already, and a prefix of its own. */
async function startServers(): Promise<{ stop(): Promise<void> }[]> {
  const started = []
  if (set.onPostgres) started.push(await (await import('../test/database.ts')).startTestPostgres())
  if (set.inBucket) started.push(await (await import('../test/bucket.ts')).startTestBucket())
  return started
}

function sumOf(one: Counts, other: Counts): Counts {
  return {
    tests: one.tests + other.tests,
    skipped: one.skipped + other.skipped,
    todo: one.todo + other.todo,
  }
}

async function runAll(paths: string[], concurrency = 2): Promise<Counts> {
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
