/** Whether stored bytes are still those that were uploaded, and what follows if not. */
import { createHash } from 'node:crypto'
import type { BlobRow } from '../../database/schema.ts'
import { Problem } from '../../lib/problem.ts'
import { StoredBytesMissing, type BlobStore } from '../../storage/blob-store.ts'
import type { Core } from '../core.ts'
import { markCorrupt } from '../records/blobs.ts'

/** `missing`: there are none, or too few. */
export type StoredState = 'whole' | 'missing' | 'different'

type Recorded = Pick<BlobRow, 'storage_key' | 'size' | 'sha256'>

/** Reads all bytes of a blob, in a few pieces at a time. Throws if the store cannot be asked. */
export async function checkStored(blobs: BlobStore, blob: Recorded): Promise<StoredState> {
  const digest = createHash('sha256')
  let size = 0
  try {
    for await (const piece of blobs.open(blob.storage_key)) {
      digest.update(piece)
      size += piece.length
    }
  } catch (error) {
    if (error instanceof StoredBytesMissing) return 'missing'
    throw error
  }
  if (size < blob.size) return 'missing'
  return size === blob.size && digest.digest('hex') === blob.sha256 ? 'whole' : 'different'
}

/** 500, naming a file whose bytes are not those that were uploaded. */
export function damaged(path: string): Problem {
  return new Problem(
    500,
    'damaged',
    `500 Internal Server Error - the stored bytes of ${path} are damaged; uploading the same file again repairs it`,
  )
}

/** Remembers, and tells in the log, that what lies at a key is not what was uploaded. */
export async function noteDamage(
  core: Core,
  file: { readonly storageKey: string; readonly sha256: string; readonly path: string },
): Promise<void> {
  core.log.error(file, 'stored bytes are not those that were uploaded')
  await core.database.write((db) => markCorrupt(db, [file.storageKey], core.clock()), {
    beside: ['verify'],
  })
}
