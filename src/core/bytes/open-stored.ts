/** The way to stored bytes: checked where they come over a network, found again where they were moved. */
import { createHash, hash } from 'node:crypto'
import { Readable } from 'node:stream'
import { Problem } from '../../lib/problem.ts'
import { recyclerOf, type RecyclingStream } from '../../lib/recycling.ts'
import { StoredBytesMissing, type BlobStore, type ByteRange } from '../../storage/blob-store.ts'
import { placeOf } from '../../storage/joined.ts'
import type { Core } from '../core.ts'
import { storageKeyOf } from '../records/blobs.ts'
import type { FileCache } from './file-cache.ts'
import type { StoredSource } from './stored-blob.ts'

/** Bytes in storage, as the records know them. */
export interface StoredBytes {
  readonly storageKey: string
  readonly size: number
  readonly sha256: string
}

/** Whether bytes are compared with their digest on the way. */
export interface Check {
  /** Those from a bucket are in any case. */
  readonly isWanted: boolean
  /** Called where a disk gave others than were stored. (Over a network, it may have been the way.) */
  onDamage(storageKey: string): Promise<void>
}

/** This much is held back until the digest of the whole is known, so that nobody takes wrong bytes for complete. */
const heldBack = 64 * 1024

/**
 * Streams them, or a stretch. From a bucket, or where `check` wants it, the whole is hashed on the way: where it is not
 * what was stored, the stream fails (`Problem` 500) before its end.
 */
export function openStored(
  { blobs }: { readonly blobs: BlobStore },
  stored: StoredBytes,
  range?: ByteRange,
  check?: Check,
): Readable {
  const { storageKey, size } = stored
  if (size === 0) return Readable.from([])
  const { start, end = size - 1 } = range ?? { start: 0 }
  const stream = blobs.open(storageKey, { start, end })
  const isWhole = start === 0 && end === size - 1
  const isChecked = isWhole && (check?.isWanted || placeOf(storageKey) === 'object')
  return isChecked ? checked(stream, stored, check) : stream
}

/** Throws unless the bytes are those of the digest. */
export function assertBytes(bytes: Uint8Array, { storageKey, sha256 }: Omit<StoredBytes, 'size'>): void {
  if (digestOf(bytes) !== sha256) throw damaged(storageKey)
}

/** A whole small file from memory or storage. Throws when it is not what was stored. */
export async function readSmall(
  files: Pick<FileCache, 'read' | 'forget'>,
  stored: Omit<StoredBytes, 'size'>,
  check: Check,
): Promise<Buffer> {
  const bytes = await readOnce(files, stored, check)
  if (!check.isWanted || digestOf(bytes) === stored.sha256) return bytes
  // It was right when it was read: memory is what failed.
  files.forget(stored.storageKey)
  return readOnce(files, stored, check)
}

async function readOnce(
  files: Pick<FileCache, 'read'>,
  stored: Omit<StoredBytes, 'size'>,
  check: Check,
): Promise<Buffer> {
  try {
    return await files.read(stored)
  } catch (error) {
    if (error instanceof Problem && error.code === 'damaged') await blameDisk(stored.storageKey, check)
    throw error
  }
}

async function blameDisk(storageKey: string, check: Check | undefined): Promise<void> {
  if (placeOf(storageKey) !== 'object') await check?.onDamage(storageKey)
}

const digestOf = (bytes: Uint8Array) => hash('sha256', bytes)

/** Where bytes that were not at their place lie now; undefined: nowhere else. */
export async function movedTo(
  { database }: Pick<Core, 'database'>,
  source: StoredSource,
  error: unknown,
): Promise<string | undefined> {
  if (!(error instanceof StoredBytesMissing) || source.kind === 'staged') return undefined
  const key = await storageKeyOf(database.read, source.kind === 'row' ? source.id : source.blobId)
  return key === source.storageKey ? undefined : key
}

function checked(stream: Readable, { storageKey, sha256 }: StoredBytes, check?: Check): Readable {
  async function* pieces(): AsyncGenerator<Buffer> {
    const digest = createHash('sha256')
    const held: Buffer[] = []
    let bytes = 0
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      digest.update(chunk)
      held.push(chunk)
      bytes += chunk.length
      while (bytes - held[0]!.length >= heldBack) {
        bytes -= held[0]!.length
        yield held.shift()!
      }
    }
    if (digest.digest('hex') !== sha256) {
      await blameDisk(storageKey, check)
      throw damaged(storageKey)
    }
    yield* held
  }
  const result = Readable.from(pieces(), { objectMode: false })
  const recycle = recyclerOf(stream)
  if (recycle) Object.assign(result, { recycle } satisfies Pick<RecyclingStream, 'recycle'>)
  // A generator that waits for the next chunk hears of the end only through what it waits for.
  result.once('close', () => stream.destroy())
  return result
}

function damaged(storageKey: string): Problem {
  const problem = new Problem(
    500,
    'damaged',
    'The stored bytes of this file came out damaged; try again, and tell an administrator if it stays so',
  )
  return Object.assign(problem, { cause: new Error(`${storageKey} is not what was stored`) })
}
