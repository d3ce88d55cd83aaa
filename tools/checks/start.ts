import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Outcome } from './outcome.ts'
import { root } from './repository.ts'

/**
 * From the start of the process to the first 200 of /-/health, in milliseconds; and memory when idle, in MB. The first
 * start of a fresh checkout compiles everything and keeps what that took, so it may have more.
 */
const budget = { start: 2_000, firstIdleMemory: 160, idleMemory: 120 }
/** How long we wait at all, in milliseconds. */
const patience = { start: 20_000, idle: 1_500, stop: 10_000 }

interface Measured {
  readonly start: number
  /** Undefined where the system does not tell. */
  readonly memory: number | undefined
}

/** Starts the server on an empty data directory and again on what it left (several times where that is slow). */
export async function checkStart(): Promise<Outcome> {
  const data = mkdtempSync(join(tmpdir(), 'entrepot-start-'))
  try {
    const first = await measure(data)
    const again = await measureFastest(data)
    const notes = [`first start ${describeStart(first)}`, `again ${describeStart(again)}`]
    const problems = [
      ...overBudget('first start', first, budget.firstIdleMemory),
      ...overBudget('second start', again, budget.idleMemory),
    ]
    return { problems, note: notes.join('; ') }
  } catch (error) {
    return { problems: [(error as Error).message] }
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

/** What else the machine does may hold one start up, but hardly three. */
async function measureFastest(data: string): Promise<Measured> {
  let fastest = await measure(data)
  for (let more = 2; more > 0 && fastest.start > budget.start; more--) {
    const next = await measure(data)
    if (next.start < fastest.start) fastest = next
  }
  return fastest
}

const describeStart = ({ start, memory }: Measured): string => `${start} ms, ${memory ?? 'unknown'} MB`

function overBudget(what: string, { start, memory }: Measured, allowed: number): string[] {
  const problems: string[] = []
  if (start > budget.start)
    problems.push(`${what}: ${start} ms until it served, ${budget.start} ms are allowed`)
  if (memory !== undefined && memory > allowed)
    problems.push(`${what}: ${memory} MB when idle, ${allowed} MB are allowed`)
  return problems
}

async function measure(data: string): Promise<Measured> {
  const listen = `127.0.0.1:${await freePort()}`
  const began = performance.now()
  const server = spawn(process.execPath, [join(root, 'entrepot.mjs'), 'serve'], {
    cwd: data,
    env: { ...withoutSettings(process.env), ENTREPOT_LISTEN: listen, ENTREPOT_DATA: data },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk))
  try {
    await untilHealthy(server, `http://${listen}/-/health`, () => said)
    const start = Math.round(performance.now() - began)
    await sleep(patience.idle)
    return { start, memory: residentMemory(server.pid!) }
  } finally {
    await stop(server)
  }
}

async function untilHealthy(server: ChildProcess, url: string, said: () => string): Promise<void> {
  const deadline = performance.now() + patience.start
  while (server.exitCode === null && server.signalCode === null) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer?.status === 200) return
    if (performance.now() > deadline)
      throw new Error(`no 200 from /-/health within ${patience.start} ms\n${said()}`)
    await sleep(10)
  }
  throw new Error(`entrepot serve ended before it served\n${said()}`)
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const ended = once(server, 'exit')
  server.kill('SIGTERM')
  const slow = setTimeout(() => server.kill('SIGKILL'), patience.stop)
  const [, signal] = (await ended) as [number | null, NodeJS.Signals | null]
  clearTimeout(slow)
  if (signal === 'SIGKILL')
    throw new Error(`entrepot serve did not end within ${patience.stop} ms of SIGTERM`)
}

/** In MB, from Linux's own books. */
function residentMemory(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Math.round((Number(kilobytes) * 1024) / 1e6)
}

function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('ENTREPOT_')))
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return port
}
