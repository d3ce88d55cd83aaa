/** A node in this process whose next transaction can be held open before it is committed. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { configure, createApp, type App } from '../../src/app.ts'
import { openDatabase } from '../../src/database/open.ts'
import type { Database } from '../../src/database/database.ts'
import { createServer } from '../../src/http/server.ts'
import { openStore } from '../../src/storage/open.ts'
import type { Cluster } from './cluster.ts'

export interface HeldNode {
  readonly url: string
  /** The next transaction that runs beside others stays open. */
  holdNext(): void
  /** Resolves when it has done everything but its commit. */
  isHeld(): Promise<void>
  release(): void
  stop(): Promise<void>
}

/** Starts it beside the others; it works on no jobs. */
export async function startHeldNode(cluster: Cluster): Promise<HeldNode> {
  const dir = await mkdtemp(join(tmpdir(), 'entrepot-held-'))
  const config = configure({
    env: {
      ENTREPOT_DATA: join(dir, 'data'),
      ENTREPOT_PUBLIC_URL: cluster.url,
      ENTREPOT_DATABASE: cluster.database,
      ENTREPOT_DATABASE_CONNECTIONS: '5',
      ENTREPOT_JOBS__IN_SERVER: 'false',
      ...cluster.s3.settings(cluster.bucket),
    },
  })
  const database = await openDatabase(config.database)
  const blobs = await openStore(config.packages)
  const gate = makeGate()
  const log = pino({ level: 'silent' })
  const secretKey = 'a key for tests, long enough to be one'
  const app: App = createApp({ config, database: withGate(database, gate), blobs, secretKey, log })
  await app.start()
  const listener = createServer({ log, onRequest: (...request) => app.handle(...request) })
  const { port } = await listener.listen('127.0.0.1:0')
  return {
    url: `http://127.0.0.1:${port}`,
    holdNext: () => gate.close(),
    isHeld: () => gate.isHeld(),
    release: () => gate.open(),
    async stop() {
      gate.open()
      await listener.close(1000)
      await app.stop()
      await blobs.close()
      await database.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

function makeGate() {
  let opened = Promise.withResolvers<void>()
  let reached = Promise.withResolvers<void>()
  let isClosed = false
  return {
    close() {
      isClosed = true
      opened = Promise.withResolvers()
      reached = Promise.withResolvers()
    },
    open: () => opened.resolve(),
    isHeld: () => reached.promise,
    async pass() {
      if (!isClosed) return
      isClosed = false
      reached.resolve()
      await opened.promise
    },
  }
}

function withGate(database: Database, gate: ReturnType<typeof makeGate>): Database {
  return {
    ...database,
    write: (work, options) =>
      database.write(async (db) => {
        const done = await work(db)
        if (options?.beside?.some((key) => key.startsWith('name/'))) await gate.pass()
        return done
      }, options),
  }
}
