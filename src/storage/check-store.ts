import { StoredBytesMissing, type BlobStore } from './blob-store.ts'

/** No store ever made this key. */
const noKey = `00/00/${'0'.repeat(32)}`

/** Throws what is in the way unless bytes could be stored and read now; of stores that cannot tell, read. */
export async function checkStore(blobs: BlobStore): Promise<void> {
  if (blobs.check) return blobs.check()
  await blobs.read(noKey).catch((error: unknown) => {
    if (!(error instanceof StoredBytesMissing)) throw error
  })
}
