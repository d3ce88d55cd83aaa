/** A whole server for tests of everything above single files: a real database, real files, a real listener, one process. */
import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pino from 'pino'
import { configure, createApp, type App } from '../src/app.ts'
import type { Config } from '../src/config/config.ts'
import type { Core } from '../src/core/core.ts'
import { createServer, type Listener } from '../src/http/server.ts'
import { openDatabase } from '../src/database/open.ts'
import type { Database } from '../src/database/database.ts'
import type { Visibility } from '../src/database/schema.ts'
import { openStore } from '../src/storage/open.ts'
import type { BlobStore } from '../src/storage/blob-store.ts'
import type { DiskSpace } from '../src/storage/disk-space.ts'
import { createActor, type Actor } from './actor.ts'
import { isInTestBucket, testStoreEnv } from './bucket.ts'
import { makeTestDatabase, type TestDatabase } from './database.ts'
import { makeGroup, makeMember, makeProject, makeUser, type Made } from './world.ts'

export type { Actor } from './actor.ts'

export interface TestAppOptions {
  /** Whether callers without a credential may read what is public. Default true (the product's default is false). */
  readonly anonymous?: boolean
  /** Configuration by environment variables, as `ENTREPOT_PACKAGES__INSTANCE`. */
  readonly env?: Readonly<Record<string, string>>
  /** Hears every line of the log, down to level trace. Default: errors only are logged. */
  readonly log?: (line: string) => void
  /** Stands between the server and its store. */
  readonly store?: (blobs: BlobStore) => BlobStore
  /** How full the disks are, instead of what the system says. */
  readonly readSpace?: () => Promise<DiskSpace>
}

export interface TestApp {
  /** `http://127.0.0.1:PORT`, no slash at the end; also the public URL unless `env` says another. */
  readonly url: string
  readonly app: App
  readonly core: Core
  readonly config: Config
  /** Goes on with the real time, plus what it was advanced by. */
  readonly clock: { now(): number; advance(ms: number): void }
  /** An administrator. */
  readonly root: Actor
  readonly anonymous: Actor
  /** Lines of the log from level `error` on; `close` fails if there are any, so who provokes them empties it. */
  readonly errors: string[]
  /** The user of this name, with a token of scope `api`; made at the first call. */
  user(name: string, options?: { readonly admin?: boolean }): Promise<Actor>
  /** The same person with a fresh token of these scopes. */
  withScopes(actor: Actor, ...scopes: string[]): Promise<Actor>
  /** The group at `path` (below `parent`, a full path); made with those above it where missing. Default: private. */
  group(path: string, options?: { readonly visibility?: Visibility; readonly parent?: string }): Promise<Made>
  /** The project; made, with the groups above it, where missing. Default: private. */
  project(fullPath: string, options?: { readonly visibility?: Visibility }): Promise<Made>
  /** Gives a role (10 guest, 20 reporter, 30 developer, 40 maintainer, 50 owner) on the group or project. */
  member(actor: Actor, fullPath: string, role: 10 | 20 | 30 | 40 | 50): Promise<void>
  /** Stops the server, removes its data and checks that nothing was left behind. */
  close(): Promise<void>
}

/** Starts a server on a free loopback port, with new data. */
export async function createTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const dir = await mkdtemp(join(tmpdir(), 'entrepot-test-'))
  const place = await makeTestDatabase()
  const running = await start(dir, place, options).catch(async (error: unknown) => {
    await place.drop()
    await rm(dir, { recursive: true, force: true })
    throw error
  })
  const { app, url, clock, errors } = running
  const { core } = app
  const actors = new Map<string, Promise<Actor>>()
  const actorOf = async (name: string, admin: boolean, scopes?: readonly string[]) =>
    createActor(url, await makeUser(core, name, { admin, ...(scopes ? { scopes } : {}) }))
  const user = (name: string, admin: boolean) => {
    const known = actors.get(name) ?? actorOf(name, admin)
    actors.set(name, known)
    return known
  }
  return {
    url,
    app,
    core,
    config: core.config,
    clock,
    errors,
    root: await user('root', true),
    anonymous: createActor(url, undefined),
    user: (name, { admin = false } = {}) => user(name, admin),
    withScopes: (actor, ...scopes) => actorOf(actor.username, false, scopes),
    group: (path, { visibility = 'private', parent } = {}) =>
      makeGroup(core, parent === undefined ? path : `${parent}/${path}`, visibility),
    project: (fullPath, { visibility = 'private' } = {}) => makeProject(core, fullPath, visibility),
    member: (actor, fullPath, role) => makeMember(core, actor.id, fullPath, role),
    close: () => close(running, dir).finally(() => place.drop()),
  }
}

interface Running {
  readonly url: string
  readonly app: App
  readonly listener: Listener
  readonly database: Database
  readonly blobs: BlobStore
  readonly clock: TestApp['clock']
  readonly errors: string[]
}

async function start(
  dir: string,
  place: TestDatabase,
  { anonymous = true, env = {}, log: heard, store, ...given }: TestAppOptions,
): Promise<Running> {
  const errors: string[] = []
  const write = (line: string) => {
    heard?.(line)
    if (JSON.parse(line).level >= 50) errors.push(line)
  }
  const log = pino({ level: heard ? 'trace' : 'error' }, { write })
  const started: { app?: App } = {}
  const listener = createServer({ log, onRequest: (...request) => started.app!.handle(...request) })
  const { port } = await listener.listen('127.0.0.1:0')
  const url = `http://127.0.0.1:${port}`
  const config = configure({
    env: {
      ENTREPOT_DATA: join(dir, 'data'),
      ENTREPOT_PUBLIC_URL: url,
      ENTREPOT_ACCESS__ANONYMOUS: String(anonymous),
      // All test users come from one address.
      ENTREPOT_RATE_LIMITS__FAILED_AUTHENTICATIONS_PER_MINUTE: '1000000',
      ENTREPOT_EGRESS__ALLOW: '127.0.0.0/8, ::1',
      ...place.env,
      ...testStoreEnv(),
      // However full the disk is on which the tests run.
      ENTREPOT_PACKAGES__MIN_FREE: '0',
      ...env,
    },
    cwd: dir,
  })
  const database = await openDatabase(config.database)
  const opened = await openStore(config.packages)
  const blobs = store?.(opened) ?? opened
  let ahead = 0
  const now = () => Date.now() + ahead
  const app = createApp({
    config,
    database,
    blobs,
    secretKey: 'a key for tests, long enough to be one',
    clock: now,
    log,
    ...(given.readSpace ? { readSpace: given.readSpace } : {}),
  })
  started.app = app
  await app.start()
  const advance = (ms: number) => {
    ahead += ms
  }
  return { url, app, listener, database, blobs, clock: { now, advance }, errors }
}

async function close({ app, listener, database, blobs, errors }: Running, dir: string): Promise<void> {
  try {
    await listener.close(2_000)
    await app.stop()
    const failed = await database.read.selectFrom('jobs').selectAll().where('error', 'is not', null).execute()
    assert.deepEqual(failed, [], 'jobs failed')
    assert.deepEqual(await incoming(app.core.config, blobs), [], 'uploads were left half-way')
    assert.deepEqual(errors, [], 'the server logged errors')
  } finally {
    await blobs.close()
    await database.close()
    await rm(dir, { recursive: true, force: true })
  }
}

/** What is marked as not kept yet; uploads that were broken off are cleaned up a moment later. */
async function incoming({ packages }: Config, blobs: BlobStore): Promise<string[]> {
  let found: string[] = []
  for (let attempt = 0; attempt < 20; attempt++) {
    // Another bucket than the run's own may be gone already, and without a disk to store on there is no such directory.
    found = isInTestBucket()
      ? await Array.fromAsync(blobs.leftovers({ olderThanMs: 0 }))
      : await readdir(join(packages.storagePath, 'incoming')).catch(() => [])
    if (found.length === 0) break
    await sleep(50)
  }
  return found
}
