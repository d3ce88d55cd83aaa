/** A real S3 server on a directory of its own. `test/nodes/setup` builds it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateBucketCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3'
import type { S3Options } from '../../src/storage/s3-client.ts'

const program = resolve(import.meta.dirname, '../../.cache/nodes/bin/versitygw')
const keys = { id: 'test-access-key', secret: 'test-secret-key' }
const region = 'us-east-1'

export interface S3Server {
  /** `http://localhost:PORT`: another host than the servers under test, which clients know as 127.0.0.1. */
  readonly endpoint: string
  readonly keys: typeof keys
  readonly pid: number
  /** Makes a bucket. */
  makeBucket(name: string): Promise<void>
  /** Names of all objects in it that start with `prefix`. */
  objects(bucket: string, prefix?: string): Promise<string[]>
  /** Names of all objects whose upload in parts was begun and neither finished nor given up. */
  unfinishedUploads(bucket: string): Promise<string[]>
  /** How a store reaches a bucket; `through` replaces the endpoint, by a proxy's say. */
  options(bucket: string, more?: Partial<S3Options>): S3Options
  /** The settings of a server of ours that keeps its packages there. */
  settings(bucket: string, more?: Readonly<Record<string, string>>): Record<string, string>
  /** Ends it at once, keeping what it stores; `start` brings it back at the same address. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Ends it and removes what it stored. */
  stop(): Promise<void>
}

/** Starts one on a free loopback port. */
export async function startVersitygw(): Promise<S3Server> {
  if (!existsSync(program)) throw new Error(`${program} is missing: run test/nodes/setup`)
  const dir = await mkdtemp(join(tmpdir(), 'entrepot-s3-'))
  for (const name of ['objects', 'accounts']) await mkdir(join(dir, name))
  const port = await freePort()
  const endpoint = `http://localhost:${port}`
  let child = await run(dir, port)
  const client = createClient(endpoint)
  const options: S3Server['options'] = (bucket, more = {}) => ({
    bucket,
    prefix: '',
    region,
    endpoint,
    pathStyle: true,
    keys,
    ca: undefined,
    checksums: 'crc32',
    timeoutMs: 30_000,
    ...more,
  })
  return {
    endpoint,
    keys,
    get pid() {
      return child.pid!
    },
    makeBucket: async (name) => void (await client.send(new CreateBucketCommand({ Bucket: name }))),
    objects: (bucket, prefix) => listAll(client, bucket, prefix),
    async unfinishedUploads(Bucket) {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }))
      return Uploads.map(({ Key }) => Key!)
    },
    options,
    settings: (bucket, more = {}) => ({
      ENTREPOT_PACKAGES__OBJECT_STORE__ENABLED: 'true',
      ENTREPOT_PACKAGES__OBJECT_STORE__REMOTE_DIRECTORY: bucket,
      ENTREPOT_PACKAGES__OBJECT_STORE__CONNECTION__ENDPOINT: endpoint,
      ENTREPOT_PACKAGES__OBJECT_STORE__CONNECTION__PATH_STYLE: 'true',
      ENTREPOT_PACKAGES__OBJECT_STORE__CONNECTION__AWS_ACCESS_KEY_ID: keys.id,
      ENTREPOT_PACKAGES__OBJECT_STORE__CONNECTION__AWS_SECRET_ACCESS_KEY: keys.secret,
      ...more,
    }),
    kill: () => end(child, 'SIGKILL'),
    async start() {
      child = await run(dir, port)
    },
    async stop() {
      client.destroy()
      await end(child, 'SIGTERM')
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** To look at what a server started here keeps. */
export const createClient = (endpoint: string) =>
  new S3Client({
    region,
    endpoint,
    forcePathStyle: true,
    credentials: { accessKeyId: keys.id, secretAccessKey: keys.secret },
  })

async function run(dir: string, port: number): Promise<ChildProcess> {
  const args = ['--access', keys.id, '--secret', keys.secret, '--port', `127.0.0.1:${port}`]
  const all = [...args, '--iam-dir', join(dir, 'accounts'), '--quiet', 'posix', join(dir, 'objects')]
  const child = spawn(program, all, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] })
  const said: string[] = []
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding('utf8').on('data', (text: string) => said.push(text))
  const until = Date.now() + 20_000
  while (Date.now() < until && child.exitCode === null) {
    const answered = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined)
    if (answered) return child
    await sleep(50)
  }
  await end(child, 'SIGKILL')
  throw new Error(`the S3 server did not start:\n${said.join('')}`)
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill(signal)
  await gone
}

/** Names of all objects in a bucket that start with `prefix`. */
export async function listAll(
  client: S3Client,
  bucket: string,
  prefix: string | undefined,
): Promise<string[]> {
  const found: string[] = []
  let token: string | undefined
  do {
    const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token })
    const page = await client.send(command)
    for (const { Key } of page.Contents ?? []) found.push(Key!)
    token = page.NextContinuationToken
  } while (token !== undefined)
  return found
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
