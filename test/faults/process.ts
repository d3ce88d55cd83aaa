/** Starts and ends the server under test. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ordersVariable, type Orders, type Ready } from './fault.ts'

const program = new URL('server.ts', import.meta.url).pathname

export interface StartOptions {
  /** The data directory; compiled code is kept beside it. */
  readonly data: string
  readonly orders?: Orders
  /** Settings, as `ENTREPOT_...` variables. */
  readonly env?: Readonly<Record<string, string>>
  /** A command that runs the server, such as a tracer with its arguments; signals go to the server itself. */
  readonly under?: readonly string[]
}

export interface ServerProcess extends Ready {
  /** The signal that ended it, or null. */
  readonly ended: Promise<NodeJS.Signals | null>
  /** Ends it in order, and throws if it did not end well. */
  stop(): Promise<void>
  /** Ends it at once; fine if it has ended. */
  kill(): Promise<void>
}

/** Starts it and resolves once it listens; undefined: it was killed before. Throws with what it wrote if it failed. */
export async function startServer(options: StartOptions): Promise<ServerProcess | undefined> {
  const [command = '', ...args] = [...(options.under ?? []), process.execPath, program]
  const env = {
    PATH: process.env['PATH'],
    TMPDIR: process.env['TMPDIR'],
    NODE_COMPILE_CACHE: join(options.data, '..', 'compiled'),
    ENTREPOT_DATA: options.data,
    ENTREPOT_LOG__LEVEL: 'warn',
    ENTREPOT_PACKAGES__COLLECT_AFTER: '0',
    ...options.env,
    [ordersVariable]: JSON.stringify(options.orders ?? {}),
  }
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const said: string[] = []
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text))
  const ended = once(child, 'exit').then(([, signal]) => signal as NodeJS.Signals | null)
  const line = await firstLine(child)
  if (line === undefined) {
    if ((await ended) === 'SIGKILL') return undefined
    throw new Error(`the server did not start:\n${said.join('')}`)
  }
  const ready = JSON.parse(line) as Ready
  return {
    ...ready,
    ended,
    async stop() {
      process.kill(ready.pid, 'SIGTERM')
      await ended
      if (said.length > 0) throw new Error(`the server complained:\n${said.join('')}`)
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** The most memory that a process ever had, in MB. */
export async function peakOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return (Number(/^VmHWM:\s+(\d+) kB/m.exec(status)![1]) * 1024) / 1_000_000
}

async function firstLine(child: ChildProcess): Promise<string | undefined> {
  const lines = createInterface({ input: child.stdout! })
  for await (const line of lines) {
    child.stdout!.resume()
    return line
  }
  return undefined
}
