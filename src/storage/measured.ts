import { finished, type Readable } from 'node:stream'
import { StoredBytesMissing, type BlobStore } from './blob-store.ts'
import { checkStore } from './check-store.ts'

/**
 * Hears how long each operation of a store took, in seconds, and whether it failed: a verb of the store, or `write_together`
 * for a write that waits for others.
 */
export type StoreListener = (operation: string, seconds: number, failed: boolean) => void

/** The same store, whose operations are told to `heard`. A broken off stream is no failure, missing bytes are. */
export function measuredStore(blobs: BlobStore, heard: StoreListener): BlobStore {
  async function measured<T>(operation: string, work: () => Promise<T>): Promise<T> {
    const began = performance.now()
    let failed = true
    try {
      const result = await work()
      failed = false
      return result
    } finally {
      heard(operation, secondsSince(began), failed)
    }
  }
  return {
    ...blobs,
    get counts() {
      return blobs.counts
    },
    // What waits for others says nothing about how fast the store is: it is told by a name of its own.
    write: (body, options) =>
      measured(options?.gatherMs ? 'write_together' : 'write', () => blobs.write(body, options)),
    check: () => measured('check', () => checkStore(blobs)),
    keep: (key) => measured('keep', () => blobs.keep(key)),
    delete: (key) => measured('delete', () => blobs.delete(key)),
    read: (key) => measured('read', () => blobs.read(key)),
    open(key, range) {
      const began = performance.now()
      const stream = blobs.open(key, range)
      whenOver(stream, (failed) => heard('open', secondsSince(began), failed))
      return stream
    },
  }
}

const secondsSince = (began: number) => (performance.now() - began) / 1000

function whenOver(stream: Readable, over: (failed: boolean) => void): void {
  finished(stream, (error) => over(error instanceof StoredBytesMissing || isFromSystem(error)))
}

/** Streams that their reader closed end with an error of Node's own, which has no number from the system. */
const isFromSystem = (error: NodeJS.ErrnoException | null | undefined) =>
  error !== null &&
  error !== undefined &&
  (error.errno !== undefined || error.code !== 'ERR_STREAM_PREMATURE_CLOSE')
