/** A real server whose storage and database kill the process at a chosen moment. Run by the tests beside it. */
import pino from 'pino'
import { configure, createApp, type App } from '../../src/app.ts'
import { createServer as createListener } from '../../src/http/server.ts'
import { createPersonalToken } from '../../src/core/access/personal-token.ts'
import { ownOrigin } from '../../src/core/records/events.ts'
import { createGroup } from '../../src/core/records/groups.ts'
import { createProject } from '../../src/core/records/projects.ts'
import { createUser, hasAdministrator } from '../../src/core/records/users.ts'
import type { Database } from '../../src/database/database.ts'
import { openDatabase } from '../../src/database/open.ts'
import type { BlobStore } from '../../src/storage/blob-store.ts'
import { openLocalStore } from '../../src/storage/local.ts'
import { openStore } from '../../src/storage/open.ts'
import { collectOften } from './collect-often.ts'
import {
  jobsAhead,
  jobsPath,
  ordersVariable,
  type Fault,
  type Moment,
  type Orders,
  type Ready,
} from './fault.ts'

const orders = JSON.parse(process.env[ordersVariable] ?? '{}') as Orders
const config = configure({ env: process.env })
let ahead = orders.clockAhead ?? 0
const clock = () => Date.now() + ahead
const log = pino({ level: config.log.level }, pino.destination(2))

/** Counts moments once armed, and ends the process at the chosen one. */
function createTrigger(fault: Fault | undefined) {
  let isArmed = fault?.fromStart ?? false
  let passed = 0
  return {
    arm: () => void (isArmed = true),
    pass(moment: Moment, count = 1) {
      if (!isArmed || fault?.moment !== moment) return
      passed += count
      if (passed < fault.at) return
      isArmed = false
      process.kill(process.pid, fault.signal ?? 'SIGKILL')
    },
  }
}
const trigger = createTrigger(orders.fault)

async function* watched(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  for await (const chunk of body) {
    yield chunk
    trigger.pass('body', chunk.length)
  }
}

function deadlyStore(blobs: BlobStore): BlobStore {
  return {
    ...blobs,
    async write(body) {
      const written = await blobs.write(watched(body))
      trigger.pass('written')
      return written
    },
    async keep(key) {
      trigger.pass('before-keep')
      await blobs.keep(key)
      trigger.pass('kept')
    },
    async delete(key) {
      trigger.pass('before-delete')
      await blobs.delete(key)
      trigger.pass('deleted')
    },
  }
}

function deadlyDatabase(database: Database): Database {
  return {
    ...database,
    async write(work, options) {
      trigger.pass('before-transaction')
      const result = await database.write(async (db) => {
        const done = await work(db)
        trigger.pass('in-transaction')
        return done
      }, options)
      trigger.pass('committed')
      return result
    },
  }
}

async function leaveBehind(count: number): Promise<void> {
  const blobs = await openLocalStore(config.packages.storagePath)
  for (let index = 0; index < count; index++) {
    await blobs.write(
      (async function* () {
        yield Buffer.from(`left behind ${index} ${Math.random()}`)
      })(),
    )
  }
  await blobs.close()
}

/** An administrator and the project `acme/app`, made at the first start. */
async function firstToken(database: Database): Promise<string> {
  if (await hasAdministrator(database.read)) return ''
  const now = clock()
  return database.write(async (db) => {
    const root = await createUser(db, { username: 'root', admin: true }, now)
    const group = await createGroup(db, { name: 'acme', path: 'acme', visibility: 'private' }, now)
    await createProject(db, { name: 'app', path: 'app', visibility: 'private', group }, now)
    const wish = { userId: root.id, name: 'test', scopes: ['api'] }
    return (await createPersonalToken(db, wish, ownOrigin, now)).text
  })
}

async function runJobs(app: App): Promise<void> {
  ahead += jobsAhead
  // The lease of a job under which an earlier server was killed would have run out by then, too.
  await database.write((db) => db.updateTable('jobs').set({ lease_until: null }).execute())
  await app.worker.drain()
}

async function serve(app: App, token: string): Promise<void> {
  const { limits } = config
  const listener = createListener({
    limits: { headersMs: limits.headersTimeout, keepAliveMs: limits.keepAlive },
    log,
    async onRequest(req, res, sendContinue) {
      if (req.headers['x-fault'] === 'armed') trigger.arm()
      if (req.url !== jobsPath) return app.handle(req, res, sendContinue)
      const failed = await runJobs(app).catch((error: Error) => error)
      res.end(failed ? failed.message : 'done')
    },
  })
  const { port } = await listener.listen('127.0.0.1:0')
  const ready: Ready = { url: `http://127.0.0.1:${port}`, pid: process.pid, token }
  process.stdout.write(`${JSON.stringify(ready)}\n`)
  process.once('SIGTERM', async () => {
    await listener.close(1000)
    stopping.abort()
    await collecting
    await app.stop()
    process.exit(0)
  })
}

if (orders.leftovers) await leaveBehind(orders.leftovers)
const database = await openDatabase(config.database)
const blobs = await openStore(config.packages)
const token = await firstToken(database)
const app = createApp({
  config,
  database: deadlyDatabase(database),
  blobs: deadlyStore(blobs),
  secretKey: 'a key for tests, long enough to be one',
  clock,
  log,
})
await app.start()
const stopping = new AbortController()
const collecting = orders.collectsOften ? collectOften(app.core, stopping.signal) : undefined
await serve(app, token)
