/** Moves stored bytes between the disk and the bucket, while the server runs. */
import { createHash } from 'node:crypto'
import { StoredBytesMissing, type BlobStore } from '../../storage/blob-store.ts'
import type { Database } from '../../database/database.ts'
import type { Place } from '../../storage/joined.ts'
import { blobsOutside, pointBlobs, type PlacedBlob } from '../records/blob-places.ts'

/** What became of a move, so far. */
export interface MoveCounts {
  readonly moved: number
  /** Of what was moved. */
  readonly bytes: number
  /** Blobs whose bytes are missing or not what was stored: they stay as they are. */
  readonly failed: number
}

export interface MoveOptions {
  /** Must be where `blobs` writes to. */
  readonly to: Place
  /** Called after every few blobs. */
  readonly onProgress: (counts: MoveCounts) => void
  /** Called with each blob that cannot be moved. */
  readonly onFailure: (blob: PlacedBlob, why: string) => void
}

/** Both of its places in one store. */
interface MovedIn {
  readonly database: Database
  readonly blobs: BlobStore
}

/** So many blobs are copied at once and committed together. */
const batch = 8

/**
 * Copies every blob that does not lie in `to` there, under a new key, and points its row to the copy. The old bytes are
 * marked as a leftover before that, so that a sweep removes them when nobody can be reading them any more. A crash
 * anywhere leaves work for the next call and leftovers for the sweep; a call goes on where an earlier one ended.
 */
export async function moveBlobs(
  core: MovedIn,
  { to, onProgress, onFailure }: MoveOptions,
): Promise<MoveCounts> {
  let counts: MoveCounts = { moved: 0, bytes: 0, failed: 0 }
  let afterId = 0
  for (;;) {
    const blobs = await blobsOutside(core.database.read, to, afterId, batch)
    if (blobs.length === 0) return counts
    afterId = blobs.at(-1)!.id
    const { moved, failures } = await moveBatch(core, blobs)
    for (const { blob, why } of failures) onFailure(blob, why)
    counts = {
      moved: counts.moved + moved.length,
      bytes: counts.bytes + moved.reduce((sum, { size }) => sum + size, 0),
      failed: counts.failed + failures.length,
    }
    onProgress(counts)
  }
}

interface Failure {
  readonly blob: PlacedBlob
  readonly why: string
}

async function moveBatch({ database, blobs: store }: MovedIn, blobs: readonly PlacedBlob[]) {
  const failures: Failure[] = []
  const copies: { blob: PlacedBlob; key: string }[] = []
  await allDone(
    blobs.map(async (blob) => {
      const copy = await copyOf(store, blob)
      if ('why' in copy) failures.push({ blob, why: copy.why })
      else copies.push({ blob, key: copy.key })
    }),
  )
  await allDone(copies.map(({ blob }) => store.release(blob.storage_key)))
  const pointed = await database.write((db) => pointBlobs(db, copies))
  const moved = copies.filter(({ blob }) => pointed.has(blob.id))
  await allDone(copies.map(({ blob, key }) => (pointed.has(blob.id) ? store.keep(key) : store.delete(key))))
  return { moved: moved.map(({ blob }) => blob), failures }
}

/** Waits for all, also where one fails: no copy may still be under way when the error is told. */
async function allDone(work: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work)
  for (const result of results) if (result.status === 'rejected') throw result.reason as Error
}

async function copyOf(store: BlobStore, blob: PlacedBlob): Promise<{ key: string } | { why: string }> {
  const hash = createHash('sha256')
  async function* bytes(): AsyncGenerator<Uint8Array> {
    if (blob.size === 0) return
    for await (const chunk of store.open(blob.storage_key, { start: 0, end: blob.size - 1 })) {
      hash.update(chunk as Buffer)
      yield chunk as Buffer
    }
  }
  try {
    const { key } = await store.write(bytes())
    if (hash.digest('hex') === blob.sha256) return { key }
    await store.delete(key)
    return { why: 'its bytes are not what was stored' }
  } catch (error) {
    if (error instanceof StoredBytesMissing) return { why: 'its bytes are missing' }
    throw error
  }
}
