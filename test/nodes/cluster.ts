/** Several servers on one database and one bucket, with nginx in front of them: each a process of its own, on loopback. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openNginx } from '../clients/support/nginx.ts'
import { freePort } from '../clients/support/server.ts'
import type { Orders } from '../faults/fault.ts'
import { startServer, type ServerProcess } from '../faults/process.ts'
import { startPostgres, type PostgresServer } from './postgres.ts'
import { startVersitygw, type S3Server } from './versitygw.ts'

export interface ClusterOptions {
  readonly nodes: number
  /** Settings of every node, as `ENTREPOT_...` variables. */
  readonly env?: Readonly<Record<string, string>>
  /** Whether the database's commits survive a power cut. */
  readonly durable?: boolean
  /** What each node is told. */
  readonly orders?: Orders
  /** Puts something between the nodes and the servers that they use: given their addresses, says where it listens. */
  readonly between?: (to: Servers) => Promise<Partial<Servers>>
}

/** Addresses. */
export interface Servers {
  readonly database: string
  readonly s3: string
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
  /** Starts another node like the others; it is ended with them. */
  another(env?: Readonly<Record<string, string>>, orders?: Orders): Promise<ServerProcess>
  stop(): Promise<void>
}

const bucket = 'packages'

/** One node after the other, so that what one answers was done by another. */
const inTurns = (configuration: string) => configuration.replace('least_conn;', '')

/** Starts database, bucket, nodes (the first one makes the administrator and the project `acme/app`) and nginx. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { nodes: count, env = {}, durable } = options
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
    const direct = { database, s3: s3.endpoint }
    const through = { ...direct, ...(await options.between?.(direct)) }
    const settings = {
      ENTREPOT_DATABASE: through.database,
      ENTREPOT_DATABASE_CONNECTIONS: '10',
      ENTREPOT_PUBLIC_URL: url,
      ...s3.settings(bucket, { ENTREPOT_PACKAGES__OBJECT_STORE__CONNECTION__ENDPOINT: through.s3 }),
      ...env,
    }
    let made = 0
    const another = async (more = {}, orders = options.orders ?? {}) => {
      const data = join(dir, `node-${++made}`)
      const node = await startServer({ data, env: { ...settings, ...more }, orders })
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
