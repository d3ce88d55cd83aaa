/** A backup of a server that is busy: publications, deletes, purges and collection go on meanwhile. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BlobStore } from '../../src/storage/blob-store.ts'
import { openSqlite } from '../../src/database/sqlite/open.ts'
import { openLocalStore } from '../../src/storage/local.ts'
import {
  assertAllVerify,
  backUp,
  lookInto,
  restoreInto,
  restorePlace,
  temporaryDirectory,
} from '../recovery.ts'
import { createClient, genericFile, type Attempt, type Client } from './attempts.ts'
import { jobsPath } from './fault.ts'
import { startServer, type ServerProcess } from './process.ts'

const seeds = 40
const publicationsMeanwhile = 100

test('a backup of a busy server restores to everything that was acknowledged before it began', async (t) => {
  const data = join(await temporaryDirectory(t), 'data')
  const server = await startedOn(t, data)
  const client = createClient(server.url, server.token)
  const { standing, removed } = await seed(client)
  const load = publishOn(client)
  const directory = join(await temporaryDirectory(t), 'backup')

  const { report, meanwhile } = await backUpUnder(data, directory, server, load)
  await load.stop()
  assert.deepEqual(report.manifest.damaged, [])
  assert.ok(meanwhile >= publicationsMeanwhile, `${meanwhile} publications while bytes were copied`)

  const place = await restorePlace(t)
  await restoreInto(place, directory)
  const files = await lookInto(place, assertAllVerify)
  assert.ok(files >= seeds, `${files} files verify`)
  const restored = await startedOn(t, place.data)
  const reader = createClient(restored.url, server.token)
  for (const attempt of standing) assert.equal(await reader.look(attempt), 'there')
  for (const attempt of removed) assert.equal(await reader.look(attempt), 'gone')
  await restored.stop()
  await server.stop()
})

async function startedOn(t: TestContext, data: string): Promise<ServerProcess> {
  const server = await startServer({ data })
  assert.ok(server)
  t.after(() => server.kill())
  return server
}

/** Of what is published half is removed again: collection would free its bytes during the backup. */
async function seed(client: Client): Promise<{ standing: Attempt[]; removed: Attempt[] }> {
  const attempts = Array.from({ length: seeds }, (_, n) => genericFile(`0.${n}`, 20_000))
  for (const { upload } of attempts) assert.equal(await client.send(upload), 201)
  const removed = attempts.filter((_, n) => n % 2 === 0)
  for (const attempt of removed) assert.equal(await client.remove(attempt), 204)
  return { standing: attempts.filter((_, n) => n % 2 === 1), removed }
}

interface Load {
  /** How many publications were acknowledged so far. */
  count(): number
  isRunning(): boolean
  stop(): Promise<void>
}

/** Four clients that publish, and remove every third of what they published, until told to stop. */
function publishOn(client: Client): Load {
  let acknowledged = 0
  const stop = new AbortController()
  const isRunning = () => !stop.signal.aborted
  async function work(who: number): Promise<void> {
    for (let n = 0; isRunning(); n++) {
      const attempt = genericFile(`1.${who}.${n}`, 5000)
      assert.equal(await client.send(attempt.upload), 201)
      acknowledged++
      if (n % 3 === 0) assert.equal(await client.remove(attempt), 204)
    }
  }
  const workers = Promise.all([1, 2, 3, 4].map(work))
  workers.catch(() => stop.abort())
  return {
    count: () => acknowledged,
    isRunning,
    async stop() {
      stop.abort()
      await workers
    },
  }
}

/** Between the first and the last byte copied, publications go on, and all jobs run that delete bytes. */
async function backUpUnder(data: string, directory: string, server: ServerProcess, load: Load) {
  const database = await openSqlite(join(data, 'entrepot.db'))
  const blobs = await openLocalStore(join(data, 'packages'))
  const opened: number[] = []
  let inTheMiddle: Promise<void> | undefined
  const slow: BlobStore = {
    ...blobs,
    open(key, range) {
      const body = blobs.open(key, range)
      return Object.assign(body, {
        [Symbol.asyncIterator]: async function* () {
          opened.push(load.count())
          if (opened.length > 2) await (inTheMiddle ??= muchHappens(server, load))
          yield* body.iterator()
        },
      })
    },
  }
  try {
    const report = await backUp({ database, blobs: slow }, directory)
    return { report, meanwhile: load.count() - opened[0]! }
  } finally {
    await blobs.close()
    await database.close()
  }
}

/** Runs the jobs twice, each time a week later: removed packages are purged first, their bytes collected then. */
async function muchHappens({ url }: ServerProcess, load: Load): Promise<void> {
  const until = load.count() + publicationsMeanwhile
  for (const _ of [1, 2]) {
    const reply = await fetch(new URL(jobsPath, url))
    assert.equal(await reply.text(), 'done')
  }
  while (load.count() < until && load.isRunning()) await sleep(20)
}
