import { LRUCache } from 'lru-cache'
import type { BlobStore } from '../../storage/blob-store.ts'
import { assertBytes, type StoredBytes } from './open-stored.ts'

/** Files up to this size are kept in memory after their first read. */
export const smallFile = 256 * 1024

/** The bytes of small stored files. Keys are never written twice, so nothing here ever gets stale. */
export interface FileCache {
  /** Reads the whole of a small file, once for all who ask at the same time. Throws when it is not what was stored. */
  read(stored: Omit<StoredBytes, 'size'>): Promise<Buffer>
  /** Takes bytes that were just stored and found right: who asks for them next need not read them. */
  put(storageKey: string, bytes: Buffer): void
  /** Memory in use. */
  bytes(): number
  /** The next read takes it from storage. */
  forget(storageKey: string): void
}

/** Keeps at most `maxBytes`. */
export function createFileCache(blobs: BlobStore, maxBytes: number): FileCache {
  const kept = new LRUCache<string, Buffer>({
    maxSize: Math.max(1, maxBytes),
    sizeCalculation: (bytes) => bytes.length + 200,
  })
  const reading = new Map<string, Promise<Buffer>>()
  async function load(stored: Omit<StoredBytes, 'size'>): Promise<Buffer> {
    const { storageKey } = stored
    try {
      const bytes = await blobs.read(storageKey)
      assertBytes(bytes, stored)
      kept.set(storageKey, bytes)
      return bytes
    } finally {
      reading.delete(storageKey)
    }
  }
  return {
    put: (storageKey, bytes) => void kept.set(storageKey, bytes),
    bytes: () => kept.calculatedSize,
    async read(stored) {
      const { storageKey } = stored
      const hit = kept.get(storageKey)
      if (hit) return hit
      let pending = reading.get(storageKey)
      if (!pending) {
        pending = load(stored)
        reading.set(storageKey, pending)
      }
      return pending
    },
    forget: (storageKey) => void kept.delete(storageKey),
  }
}
