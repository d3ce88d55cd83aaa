/** A PostgreSQL server of our own: Debian's programs, in a scratch directory, as a user that is not root. */
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { chown, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'

const exec = promisify(execFile)

export interface PostgresOptions {
  /** Whether commits are on disk, as in real life; default: in memory only, which is quicker. */
  readonly durable?: boolean
}

export interface PostgresServer {
  /** Of the database `postgres`, as its superuser. */
  readonly url: string
  readonly port: number
  /** An empty database of its own. */
  createDatabase(): Promise<string>
  /** SIGKILL to the server and everything it started. */
  kill(): Promise<void>
  /** Starts it again, on the same port, with what it had. */
  start(): Promise<void>
  /** Stops it and removes its directory. */
  stop(): Promise<void>
}

/** Starts a server on a free loopback port. Throws where PostgreSQL is not installed. */
export async function startPostgres({ durable = false }: PostgresOptions = {}): Promise<PostgresServer> {
  const bin = globSync('/usr/lib/postgresql/*/bin/initdb')
    .toSorted()
    .at(-1)
    ?.replace(/initdb$/, '')
  if (!bin) throw new Error('PostgreSQL is not installed; run test/nodes/setup')
  const user = await serverUser()
  const dir = await mkdtemp(join(durable || !existsSync(memory) ? '/tmp' : memory, 'entrepot-postgres-'))
  if (user) await chown(dir, user.uid, user.gid)
  const data = join(dir, 'data')
  const arguments_ = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '-N']
  await exec(join(bin, 'initdb'), arguments_, { ...user, cwd: dir })
  const port = await freePort()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  let server: ChildProcess | undefined
  let count = 0

  async function start() {
    const settings = {
      port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: dir,
      max_connections: 300,
      shared_buffers: '256MB',
    }
    const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    server = spawn(join(bin!, 'postgres'), ['-D', data, ...options], { ...user, cwd: dir, stdio: 'ignore' })
    await untilAnswering(url)
  }
  async function end(signal: NodeJS.Signals) {
    const running = server
    server = undefined
    if (!running || running.exitCode !== null) return
    const exited = new Promise((resolve) => running.once('exit', resolve))
    if (signal === 'SIGKILL') await killChildren(running)
    running.kill(signal)
    await exited
  }
  await start()
  return {
    url,
    port,
    start,
    kill: () => end('SIGKILL'),
    createDatabase: () => createDatabase(url, `test_${process.pid}_${++count}`),
    async stop() {
      await end('SIGINT')
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** A file system that is none, where syncing costs nothing. */
const memory = '/dev/shm'

/** Creates a database beside the one that `url` names, from `template` where given; its own address. */
export async function createDatabase(url: string, name: string, template?: string): Promise<string> {
  await ask(url, `create database ${name}${template ? ` template ${template}` : ''}`)
  const made = new URL(url)
  made.pathname = `/${name}`
  return made.href
}

/** One statement on a connection of its own. */
export async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** PostgreSQL refuses to run as root. */
async function serverUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const number = async (flag: string) => Number((await exec('id', [flag, 'postgres'])).stdout)
  return { uid: await number('-u'), gid: await number('-g') }
}

async function untilAnswering(url: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await ask(url, 'select 1')
      return
    } catch (error) {
      if (tries === 100) throw error
      await sleep(100)
    }
  }
}

/** Stops the server first, so that it starts no more of them meanwhile. */
async function killChildren(server: ChildProcess): Promise<void> {
  server.kill('SIGSTOP')
  for (const pid of await childrenOf(server.pid!)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}

async function childrenOf(pid: number): Promise<number[]> {
  const { stdout } = await exec('ps', ['-o', 'pid=', '--ppid', String(pid)]).catch(() => ({ stdout: '' }))
  return stdout.split('\n').filter(Boolean).map(Number)
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number }
      probe.close(() => resolve(port))
    })
    probe.once('error', reject)
  })
}
