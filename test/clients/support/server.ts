import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { run } from './command.ts'
import type { Outcome } from './command.ts'

/** A server of the run, as its clients need it. */
export interface Server {
  /** What clients are told: `http://127.0.0.1:PORT`, with a sub-path behind a proxy; no slash at the end. */
  readonly url: string
  /** The administrator's. */
  readonly token: string
}
export interface StartedServer extends Server {
  /** Ends the process, removes its data and returns what it logged. */
  stop(): Promise<string>
}

/** The group that feeds the formats which are off at instance level until somebody lists groups. */
export const instanceFeed = 'shared-feed'
/** The same for PyPI, so that two stories may each make theirs. */
export const pypiFeed = 'pypi-feed'
const launcher = resolve(import.meta.dirname, '../../../entrepot.mjs')

/** Runs a command of `entrepot` that must succeed; `settings` are more of its environment. */
export function entrepot(
  args: readonly string[],
  settings: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const env = { ...process.env, ...settings } as Record<string, string>
  return run(process.execPath, [launcher, ...args], { cwd: tmpdir(), env })
}

/**
 * Starts `entrepot serve` on a free loopback port; `settings` are more of its environment. With new data, unless a token is
 * known: the administrator's, in the data that the settings name.
 */
export async function startServer(
  settings: Readonly<Record<string, string>> = {},
  known?: string,
): Promise<StartedServer> {
  const dir = await mkdtemp(join(tmpdir(), 'entrepot-server-'))
  const port = await freePort()
  const env = {
    ...process.env,
    ENTREPOT_LISTEN: `127.0.0.1:${port}`,
    ENTREPOT_DATA: join(dir, 'data'),
    ENTREPOT_ACCESS__ANONYMOUS: 'true',
    ENTREPOT_PACKAGES__INSTANCE: JSON.stringify({ generic: [instanceFeed], pypi: [pypiFeed] }),
    ...settings,
  } as Record<string, string>
  try {
    const token = known ?? (await firstToken(env))
    const { child, log } = await serve(dir, env)
    return {
      url: `http://${env['ENTREPOT_LISTEN']}`,
      token,
      async stop() {
        await end(child)
        await rm(dir, { recursive: true, force: true })
        return log.join('')
      },
    }
  } catch (error) {
    await rm(dir, { recursive: true, force: true })
    throw error
  }
}

async function firstToken(env: Readonly<Record<string, string>>): Promise<string> {
  const { stdout } = await entrepot(['init', '--json'], env)
  return (JSON.parse(stdout) as { token: string }).token
}

async function serve(dir: string, env: Record<string, string>) {
  const child = spawn(process.execPath, [launcher, 'serve'], { cwd: dir, env })
  const log: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => log.push(text))
  }
  await answers(`http://${env['ENTREPOT_LISTEN']}/-/health`, child, log)
  return { child, log }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

/** Waits until a GET answers 200; throws, with the log, if `child` ends first or 20 s pass. */
export async function answers(url: string, child: ChildProcess, log: readonly string[]): Promise<void> {
  const until = Date.now() + 20_000
  while (Date.now() < until && child.exitCode === null) {
    const status = await fetch(url)
      .then((reply) => reply.status)
      .catch(() => 0)
    if (status === 200) return
    await sleep(50)
  }
  await end(child)
  throw new Error(`no answer from ${url}\n${log.join('')}`)
}

/** Asks a process to end, then makes it. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await gone
  clearTimeout(timer)
}
