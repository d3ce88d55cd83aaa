import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { cp, mkdir, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test, type TestContext } from 'node:test'
import { createTestApp, type TestApp } from '../../test/app.ts'
import {
  assertAllVerify,
  backUp,
  lookInto,
  restoreInto,
  restorePlace,
  temporaryDirectory,
} from '../../test/recovery.ts'
import { StoredBytesMissing, type BlobStore } from '../storage/blob-store.ts'
import { backupDirectory, openBackupDirectory } from './backup-directory.ts'
import { blobsIn } from './copy-blobs.ts'
import { createDigestFilter } from './digest-filter.ts'
import { markRemoval } from './removal-mark.ts'
import { removeOldSnapshots } from './rotation.ts'

let app: TestApp
before(async () => {
  app = await createTestApp({ env: { ENTREPOT_JOBS__IN_SERVER: 'false' } })
  await app.project('acme/app')
})
after(() => app.close())

const at = (name: string) => `/api/v4/projects/acme%2Fapp/packages/generic/${name}/1/${name}.bin`

/** Takes a file away as if it had never been there, so that the next snapshot does not name its bytes. */
async function forget(text: string): Promise<void> {
  const { database } = app.core
  await database.write(async (db) => {
    const blob = await db
      .selectFrom('blobs')
      .selectAll()
      .where('size', '=', text.length)
      .executeTakeFirstOrThrow()
    await db.deleteFrom('files').where('blob_id', '=', blob.id).execute()
    await db.deleteFrom('blobs').where('id', '=', blob.id).execute()
  })
}

const snapshotsIn = async (directory: string) => (await readdir(join(directory, 'snapshots'))).toSorted()

async function filesOf(directory: string): Promise<string[]> {
  const entries = await readdir(join(directory, 'blobs'), { recursive: true, withFileTypes: true })
  return entries.filter((one) => one.isFile()).map((one) => one.name)
}

/** Four snapshots: each names what all have, and bytes that only it and the next one name. */
async function someSnapshots(t: TestContext): Promise<{ directory: string; names: string[] }> {
  const directory = join(await temporaryDirectory(t), 'backup')
  const texts = Array.from({ length: 4 }, (_, n) => `only for a while ${'.'.repeat(n + 1)}`)
  for (const [n, text] of texts.entries()) {
    assert.equal((await app.root.put(at(`passing-${n}`), text)).status, 201)
    await backUp(app.core, directory)
    if (n > 0) await forget(texts[n - 1]!)
  }
  await forget(texts.at(-1)!)
  return { directory, names: await snapshotsIn(directory) }
}

/** All that the snapshot names is there. */
async function assertWhole(directory: string, snapshot: string): Promise<void> {
  const folder = join(directory, 'snapshots', snapshot)
  assert.ok((await readdir(folder)).includes('manifest.json'))
  const there = new Set(await filesOf(directory))
  const named = await Array.fromAsync(blobsIn(folder))
  assert.ok(named.length > 1 && named.every(({ sha256 }) => there.has(sha256)))
}

async function assertRestores(t: TestContext, directory: string, snapshot: string): Promise<void> {
  const place = await restorePlace(t)
  const { damaged } = await restoreInto(place, directory, { snapshot })
  assert.deepEqual(damaged, [])
  assert.ok((await lookInto(place, assertAllVerify)) > 0)
}

describe('a backup that keeps a number of snapshots', () => {
  before(async () => {
    assert.equal((await app.root.put(at('lasting'), 'in every snapshot, whatever else goes')).status, 201)
  })

  test('removes the oldest, and the bytes that no other one names', async (t) => {
    const { directory, names } = await someSnapshots(t)
    const had = (await filesOf(directory)).length
    const { removed } = await backUp(app.core, directory, { keep: 3 })
    assert.deepEqual(removed!.snapshots, names.slice(0, 2))
    // The third names what came with it and with the one before.
    assert.deepEqual(removed!.blobs, { count: 1, bytes: 'only for a while .'.length })
    const left = await snapshotsIn(directory)
    assert.deepEqual(left.slice(0, 2), names.slice(2))
    assert.equal(left.length, 3)
    assert.equal((await filesOf(directory)).length, had - 1)
    for (const snapshot of left) await assertRestores(t, directory, snapshot)
    const more = await backUp(app.core, directory, { keep: 1 })
    assert.equal(more.removed!.snapshots.length, 3)
    assert.equal((await snapshotsIn(directory)).length, 1)
    assert.equal((await filesOf(directory)).length, more.manifest.blobs.count)
    await assertRestores(t, directory, (await snapshotsIn(directory))[0]!)
    assert.deepEqual((await backUp(app.core, directory, { keep: 9 })).removed!.snapshots, [])
  })

  test('ends what was broken off: what lost its manifest is no snapshot and goes, half copies too', async (t) => {
    const { directory, names } = await someSnapshots(t)
    const [first, second] = names as [string, string]
    await rm(join(directory, 'snapshots', first, 'manifest.json'))
    const [blob] = await filesOf(directory)
    const part = join(directory, 'blobs', blob!.slice(0, 2), blob!.slice(2, 4), `${blob}.0123abcd.part`)
    await writeFile(part, 'half')
    const { removed } = await backUp(app.core, directory, { keep: 4 })
    assert.deepEqual(removed!.snapshots, [], `${second} is the oldest of four`)
    assert.deepEqual((await snapshotsIn(directory)).slice(0, 3), names.slice(1))
    assert.ok(!(await filesOf(directory)).some((name) => name.endsWith('.part')))
    for (const snapshot of await snapshotsIn(directory)) await assertRestores(t, directory, snapshot)
  })

  test('can be broken off anywhere: what stays is whole, and the next one ends it', async (t) => {
    const { directory, names } = await someSnapshots(t)
    /** Ends it after so many steps. Returns how many it did. */
    async function removeIn(copy: string, steps: number): Promise<number> {
      await cp(directory, copy, { recursive: true })
      let done = 0
      const throwIfAborted = () => {
        if (done === steps) throw new Error('broken off')
        done++
      }
      const signal = { throwIfAborted } as AbortSignal
      const options = { directory: backupDirectory(copy), newest: names.at(-1)!, keep: 2 }
      const removing = removeOldSnapshots({ ...options, signal })
      if (steps === Infinity) await removing
      else await assert.rejects(removing, /broken off/)
      for (const name of names.slice(2)) await assertWhole(copy, name)
      await removeOldSnapshots({ ...options, signal: new AbortController().signal })
      assert.deepEqual(await snapshotsIn(copy), names.slice(2))
      // What is in all of them, and what came with the last three.
      assert.equal((await filesOf(copy)).length, 4)
      return done
    }
    const all = await removeIn(`${directory}-all`, Infinity)
    // Before the last few nothing is removed: all is looked through.
    for (const steps of [0, ...Array.from({ length: 5 }, (_, back) => all - 1 - back)])
      await removeIn(`${directory}-${steps}`, steps)
    await assertRestores(t, `${directory}-${all - 1}`, names[2]!)
  })

  test('removes nothing if the new one lacks something, or what stays cannot be read', async (t) => {
    const { directory, names } = await someSnapshots(t)
    const blobs = (await filesOf(directory)).toSorted()
    const { blobs: store } = app.core
    await app.root.put(at('lost'), 'lost in storage')
    const row = await app.core.database.read
      .selectFrom('blobs')
      .select('storage_key')
      .where('size', '=', 'lost in storage'.length)
      .executeTakeFirstOrThrow()
    const lossy: BlobStore = {
      ...store,
      open(key, range) {
        if (key === row.storage_key) throw new StoredBytesMissing(key)
        return store.open(key, range)
      },
    }
    const damaged = await backUp({ database: app.core.database, blobs: lossy }, directory, { keep: 1 })
    assert.deepEqual([damaged.manifest.damaged.length, damaged.removed], [1, undefined])
    await truncate(join(directory, 'snapshots', names[3]!, 'blobs.ndjson.gz'), 40)
    await assert.rejects(
      backUp(app.core, directory, { keep: 3 }),
      /blobs\.ndjson\.gz is not what its manifest/,
    )
    const left = await snapshotsIn(directory)
    assert.deepEqual(left.slice(0, 4), names)
    assert.ok(blobs.every((name) => !name.includes('.part')))
    const all = new Set(await filesOf(directory))
    assert.ok(blobs.every((name) => all.has(name)))
    await forget('lost in storage')
  })

  test('stays off another one under way, which waits for it in turn', async (t) => {
    const { directory, names } = await someSnapshots(t)
    const other = join(directory, 'snapshots', '2026-01-01T00-00-00.000Z.partial')
    await mkdir(other)
    assert.equal((await backUp(app.core, directory, { keep: 1 })).removed, undefined)
    assert.equal((await snapshotsIn(directory)).length, names.length + 2)
    // Nobody works on it any more.
    const longAgo = new Date(Date.now() - 3_600_000)
    await utimes(other, longAgo, longAgo)
    const mark = (await markRemoval(await openBackupDirectory(directory)))!
    assert.equal(await markRemoval(await openBackupDirectory(directory)), undefined)
    let isOver = false
    const waiting = backUp(app.core, directory, { keep: 1 }).finally(() => (isOver = true))
    await new Promise((resolve) => setTimeout(resolve, 700))
    assert.equal(isOver, false)
    mark.check()
    await mark.release()
    assert.equal((await waiting).removed!.snapshots.length, names.length + 1)
    assert.equal((await snapshotsIn(directory)).length, 1)
  })
})

test('a filter of digests has all that were added, and hardly any other', () => {
  const digest = (n: number) => createHash('sha256').update(String(n)).digest('hex')
  const filter = createDigestFilter(100_000)
  for (let n = 0; n < 100_000; n++) filter.add(digest(n))
  let others = 0
  for (let n = 0; n < 100_000; n++) {
    assert.ok(filter.mayHave(digest(n)))
    if (filter.mayHave(digest(n + 100_000))) others++
  }
  assert.ok(others < 100, `${others} of 100,000`)
})
