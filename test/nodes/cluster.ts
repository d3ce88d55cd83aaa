/** Several servers on one database and one bucket, with nginx in front of them: each a process of its own, on loopback. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openNginx } from '../clients/support/nginx.ts'
import { freePort } from '../clients/support/server.ts'
import { startServer, type ServerProcess } from '../faults/process.ts'
import { startPostgres, type PostgresServer } from './postgres.ts'
import { startVersitygw, type S3Server } from './versitygw.ts'

export interface ClusterOptions {
  readonly nodes: number
  /** Settings of every node, as `ENTREPOT_...` variables. */
  readonly env?: Readonly<Record<string, string>>
  /** Whether the database's commits survive a power cut. */
  readonly durable?: boolean
}

export interface Cluster {
  /** nginx, which asks one node after the other; no slash at the end. */
  readonly url: string
  /** An administrator's. */
  readonly token: string
  readonly nodes: readonly ServerProcess[]
  readonly postgres: PostgresServer
  readonly s3: S3Server
  readonly bucket: string
  /** The address of the database. */
  readonly database: string
  /** Starts another node like the others; the caller ends it. */
  another(env?: Readonly<Record<string, string>>): Promise<ServerProcess>
  stop(): Promise<void>
}

const bucket = 'packages'

/** One node after the other, so that what one answers was done by another. */
const inTurns = (configuration: string) => configuration.replace('least_conn;', '')

/** Starts database, bucket, nodes (the first one makes the administrator and the project `acme/app`) and nginx. */
export async function startCluster({ nodes: count, env = {}, durable }: ClusterOptions): Promise<Cluster> {
  const dir = await mkdtemp(join(tmpdir(), 'entrepot-cluster-'))
  const undo: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true })]
  const stop = async () => {
    while (undo.length > 0) await undo.pop()!()
  }
  try {
    const postgres = await startPostgres(durable ? { durable } : {})
    undo.push(() => postgres.stop())
    const s3 = await startVersitygw()
    undo.push(() => s3.stop())
    await s3.makeBucket(bucket)
    const database = await postgres.createDatabase()
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const settings = {
      ENTREPOT_DATABASE: database,
      ENTREPOT_DATABASE_CONNECTIONS: '10',
      ENTREPOT_PUBLIC_URL: url,
      ...s3.settings(bucket),
      ...env,
    }
    let made = 0
    const another = async (more = {}) => {
      const data = join(dir, `node-${++made}`)
      const node = await startServer({ data, env: { ...settings, ...more } })
      undo.push(() => node!.kill())
      return node!
    }
    const nodes = [await another()]
    while (nodes.length < count) nodes.push(await another())
    const upstream = nodes.map((node) => node.url)
    const nginx = await openNginx({ upstream, port, path: '/', alter: inTurns })
    undo.push(() => nginx.close())
    return { url, token: nodes[0]!.token, nodes, postgres, s3, bucket, database, another, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
