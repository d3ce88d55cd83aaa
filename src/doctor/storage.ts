import { randomBytes } from 'node:crypto'
import type { BlobStore } from '../storage/blob-store.ts'
import { ok, problem, type Finding } from './finding.ts'

/** Writes a few bytes, reads them and takes them away again. */
export async function lookAtStorage(blobs: BlobStore): Promise<Finding> {
  const bytes = randomBytes(1000)
  const { key } = await blobs.write(
    (async function* () {
      yield bytes
    })(),
  )
  try {
    const read = await blobs.read(key)
    if (!read.equals(bytes)) return problem('storage', 'gave back other bytes than were written')
  } finally {
    await blobs.delete(key)
  }
  const isGone = await blobs.read(key).then(
    () => false,
    () => true,
  )
  if (!isGone) return problem('storage', 'keeps what was deleted')
  return ok('storage', 'can be written to, read and deleted from')
}
