/** A server with very many packages, or few, and a client that measures how long its answers take. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { join, resolve } from 'node:path'
import { answers, end, freePort } from '../../test/clients/support/server.ts'
import type { Credentials } from './owners.ts'
import type { Made } from './generate.ts'
import { fill } from './make.ts'

const launcher = resolve(import.meta.dirname, '../../entrepot.mjs')

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly bytes: number
  readonly text: string
  /** From the request to the last byte of the answer. */
  readonly milliseconds: number
}

export interface Asked {
  readonly method?: 'GET' | 'PUT' | 'DELETE'
  readonly body?: Buffer
  readonly headers?: Readonly<Record<string, string>>
  /** Default: the administrator. */
  readonly as?: Credentials
}

export interface FilledServer {
  readonly made: Made
  /** How long `serve` took until it answered, in milliseconds. */
  readonly startedIn: number
  ask(path: string, asked?: Asked): Promise<Answer>
  restart(): Promise<void>
  stop(): Promise<void>
}

/** Fills a new server in `dir` and starts it; `env` says where its records are. */
export async function startFilled(
  dir: string,
  env: Readonly<Record<string, string>>,
  packages: number,
): Promise<FilledServer> {
  const port = await freePort()
  const around = Object.entries(process.env).filter(([name]) => !name.startsWith('ENTREPOT_'))
  const settings = {
    ...Object.fromEntries(around),
    ...env,
    ENTREPOT_DATA: join(dir, 'data'),
    ENTREPOT_LISTEN: `127.0.0.1:${port}`,
    ENTREPOT_LOG__LEVEL: 'warn',
    ENTREPOT_PACKAGES__INSTANCE: JSON.stringify({ generic: ['team-0', 'team-1'] }),
  }
  const made = await fill(settings, packages)
  let running = await serve(settings)
  const agent = new Agent({ keepAlive: true })
  return {
    made,
    get startedIn() {
      return running.startedIn
    },
    ask: (path, asked) => ask({ port, agent }, path, { as: made.owners.admin, ...asked }),
    async restart() {
      await running.stop()
      running = await serve(settings)
    },
    async stop() {
      agent.destroy()
      await running.stop()
    },
  }
}

async function serve(env: Record<string, string | undefined>) {
  const began = performance.now()
  const child = spawn(process.execPath, [launcher, 'serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const log: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => log.push(text))
  }
  await answers(`http://${env['ENTREPOT_LISTEN']}/-/health`, child, log)
  return { startedIn: performance.now() - began, stop: () => end(child) }
}

async function ask(
  at: { readonly port: number; readonly agent: Agent },
  path: string,
  { method = 'GET', body, headers = {}, as }: Asked,
): Promise<Answer> {
  const began = performance.now()
  const credential = path.startsWith('/api/')
    ? { 'private-token': as!.token }
    : { cookie: `entrepot_session=${as!.session}` }
  const sent = request({ ...at, host: '127.0.0.1', path, method, headers: { ...credential, ...headers } })
  sent.end(body)
  const [reply] = (await once(sent, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of reply) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  const milliseconds = performance.now() - began
  const text = bytes.length < 100_000 ? bytes.toString() : ''
  return { status: reply.statusCode!, headers: reply.headers, bytes: bytes.length, text, milliseconds }
}
