/** Backups of a test app, and places to restore them into. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { configure } from '../src/app.ts'
import type { Database } from '../src/database/database.ts'
import { openDatabase } from '../src/database/open.ts'
import { backup, type BackupOptions } from '../src/recovery/backup.ts'
import { restore, type RestoreOptions } from '../src/recovery/restore.ts'
import type { BlobStore } from '../src/storage/blob-store.ts'
import { openLocalStore } from '../src/storage/local.ts'
import { makeTestDatabase } from './database.ts'

/** The key of every test app. */
const testKey = 'a key for tests, long enough to be one'

/** A directory that goes with the test. */
export async function temporaryDirectory(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'entrepot-recovery-'))
  t.after(() => rm(dir, { recursive: true, force: true }))
  return dir
}

type Source = Pick<BackupOptions, 'database' | 'blobs'>

export function backUp(
  { database, blobs }: Source,
  directory: string,
  more: Partial<BackupOptions> = {},
): ReturnType<typeof backup> {
  return backup({ database, blobs, directory, atOnce: 4, signal: new AbortController().signal, ...more })
}

/** Somewhere new to restore into. */
export interface RestorePlace {
  readonly data: string
  openDatabase: RestoreOptions['openDatabase']
  openStore(): Promise<BlobStore>
}

export async function restorePlace(t: TestContext): Promise<RestorePlace> {
  const data = join(await temporaryDirectory(t), 'data')
  const { env, drop } = await makeTestDatabase({ isEmpty: true })
  t.after(drop)
  const config = configure({ env: { ENTREPOT_DATA: data, ...env } })
  return {
    data,
    openDatabase: (options) => openDatabase(config.database, options),
    openStore: () => openLocalStore(join(data, 'packages')),
  }
}

export function restoreInto(
  place: RestorePlace,
  directory: string,
  more: Partial<RestoreOptions> = {},
): ReturnType<typeof restore> {
  return restore({
    directory,
    openDatabase: place.openDatabase,
    openStore: place.openStore,
    secretKey: testKey,
    newSecretKey: false,
    acceptDamage: false,
    atOnce: 4,
    signal: new AbortController().signal,
    ...more,
  })
}

/** Opens what was restored, and closes it again. */
export async function lookInto<T>(
  place: RestorePlace,
  look: (database: Database, blobs: BlobStore) => Promise<T>,
): Promise<T> {
  const database = await place.openDatabase({})
  const blobs = await place.openStore()
  try {
    return await look(database, blobs)
  } finally {
    await blobs.close()
    await database.close()
  }
}

/** Hashes the bytes of every file row again. Returns how many there are; throws at the first that differ. */
export async function assertAllVerify(database: Database, blobs: BlobStore): Promise<number> {
  const rows = await database.read
    .selectFrom('files')
    .innerJoin('blobs', 'blobs.id', 'files.blob_id')
    .select(['files.path', 'blobs.sha256', 'blobs.size', 'blobs.storage_key'])
    .execute()
  for (const { path, sha256, size, storage_key } of rows) {
    const hash = createHash('sha256')
    let bytes = 0
    for await (const chunk of blobs.open(storage_key)) {
      hash.update(chunk as Uint8Array)
      bytes += (chunk as Uint8Array).length
    }
    assert.deepEqual([hash.digest('hex'), bytes], [sha256, size], path)
  }
  return rows.length
}
