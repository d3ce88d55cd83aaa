/** One PostgreSQL database and one bucket, and nodes of any version on them, each a process of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { call, succeeded } from '../../../src/formats/testing/http.ts'
import { run } from '../../clients/support/command.ts'
import { freePort } from '../../clients/support/server.ts'
import { startPostgres } from '../postgres.ts'
import { startVersitygw } from '../versitygw.ts'

/** The program of today's code. */
export const today = resolve(import.meta.dirname, '../../../entrepot.mjs')

export interface Node {
  /** Settles at the first answer; rejects, with what it wrote, if the process ends before. */
  readonly ready: Promise<void>
  /** The signal that ended it, or null. */
  readonly ended: Promise<NodeJS.Signals | null>
  readonly url: string
  readonly pid: number
  /** Tells it to stop, and throws unless it ended well. */
  stop(): Promise<void>
  /** SIGKILL; fine if it has ended. */
  kill(): Promise<void>
}

export interface Place {
  /** The address of the database. */
  readonly database: string
  /** The administrator's. */
  readonly token: string
  /** Starts a node of the code that `program` belongs to; `stop` ends it if nobody did. */
  start(program: string, env?: Readonly<Record<string, string>>): Promise<Node>
  stop(): Promise<void>
}

const bucket = 'packages'

/** Makes it with the code of `first`: its schema, and an administrator. */
export async function makePlace(first: string): Promise<Place> {
  const dir = await mkdtemp(join(tmpdir(), 'entrepot-rolling-'))
  const undo: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true })]
  const stop = async () => {
    while (undo.length > 0) await undo.pop()!()
  }
  try {
    const postgres = await startPostgres()
    undo.push(() => postgres.stop())
    const s3 = await startVersitygw()
    undo.push(() => s3.stop())
    await s3.makeBucket(bucket)
    const database = await postgres.createDatabase()
    const settings = {
      PATH: process.env['PATH']!,
      TMPDIR: process.env['TMPDIR'] ?? tmpdir(),
      NODE_COMPILE_CACHE: join(dir, 'compiled'),
      ENTREPOT_DATA: join(dir, 'data'),
      ENTREPOT_PUBLIC_URL: 'http://127.0.0.1',
      ENTREPOT_DATABASE: database,
      ENTREPOT_DATABASE_CONNECTIONS: '10',
      ENTREPOT_LOG__LEVEL: 'warn',
      ENTREPOT_SECRET_KEY: 'a key for tests, long enough to be one',
      ...s3.settings(bucket),
    }
    const made = await run(process.execPath, [first, 'init', '--json'], { cwd: dir, env: settings })
    const { token } = JSON.parse(made.stdout) as { token: string }
    let count = 0
    return {
      database,
      token,
      stop,
      async start(program, env = {}) {
        const listen = `127.0.0.1:${await freePort()}`
        const data = join(dir, `node-${++count}`)
        const node = startNode(program, dir, {
          ...settings,
          ENTREPOT_LISTEN: listen,
          ENTREPOT_DATA: data,
          ...env,
        })
        undo.push(() => node.kill())
        return node
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function startNode(program: string, cwd: string, env: Record<string, string>): Node {
  const child = spawn(process.execPath, [program, 'serve'], { cwd, env })
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => said.push(text))
  const ended = once(child, 'exit').then(([, signal]) => signal as NodeJS.Signals | null)
  const url = `http://${env['ENTREPOT_LISTEN']}`
  async function firstAnswer(): Promise<void> {
    for (;;) {
      const answered = await fetch(`${url}/-/health`).catch(() => undefined)
      if (answered?.status === 200) return
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`the node ended before it answered:\n${said.join('')}`)
      await sleep(50)
    }
  }
  const ready = firstAnswer()
  // Whoever waits for its end has no use for it.
  ready.catch(() => {})
  return {
    ready,
    ended,
    url,
    pid: child.pid!,
    async stop() {
      child.kill('SIGTERM')
      await ended
      if (child.exitCode !== 0)
        throw new Error(`the node ended with ${child.exitCode ?? child.signalCode}:\n${said.join('')}`)
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Makes the group `acme` and a project in it, as people do. */
export async function makeProject(node: Node, caller: { readonly token: string }): Promise<void> {
  const post = async (path: string, values: object) => {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify(values)
    const answer = await call(caller, `${node.url}/api/v4`, { method: 'POST', path, headers, body })
    return JSON.parse(succeeded(answer).text) as { id: number }
  }
  const group = await post('/groups', { name: 'acme', path: 'acme' })
  await post('/projects', { name: 'app', path: 'app', namespace_id: group.id })
}
