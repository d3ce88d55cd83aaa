import { randomBytes } from 'node:crypto'
import type { BlobStore } from '../storage/blob-store.ts'
import { judgeSkew } from './clocks.ts'
import { ok, problem, type Finding } from './finding.ts'

/** The signatures of requests to a bucket go by the clock. */
export async function lookAtStoreClock(blobs: BlobStore): Promise<Finding[]> {
  if (!blobs.now) return []
  const began = Date.now()
  const theirs = await blobs.now()
  // Stores tell whole seconds.
  const skew = theirs < began - 1000 ? began - 1000 - theirs : Math.max(0, theirs - Date.now())
  return [judgeSkew('storage clock', 'agrees', skew)]
}

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
