import type { Readable } from 'node:stream'
import type { BlobRow } from '../../database/schema.ts'
import type { Blob, Digest, Digests } from '../../formats/format.ts'
import type { ByteRange } from '../../storage/blob-store.ts'

/** Where the bytes behind a handed-out `Blob` are: a committed row, or an object staged in this request. */
export type BlobSource =
  | {
      readonly kind: 'row'
      readonly id: number
      readonly storageKey: string
      readonly projectId: number
      /** The stored bytes were found to be others, or missing. */
      readonly isDamaged: boolean
    }
  | { readonly kind: 'staged'; readonly storageKey: string; readonly projectId: number }
  /** Kept from upstream: nobody's package. */
  | { readonly kind: 'kept'; readonly storageKey: string; readonly blobId: number; readonly fileId: number }
  /** On its way from upstream. */
  | { readonly kind: 'arriving'; readonly arrival: Arrival }
  /** An upstream says that it has it. */
  | { readonly kind: 'remote'; readonly path: string }

/** Those whose bytes are in storage. */
export type StoredSource = Extract<BlobSource, { readonly storageKey: string }>

/** Bytes on their way; every reader hears of their end only when their digest has been found right. */
export interface Arrival {
  /** A fresh stream of all of it, or of a stretch; fails where the bytes are not what they should be. */
  open(range?: ByteRange): Readable
}

// A Blob is worth something only if it stands here: nobody can build one from a digest a client sent.
const sources = new WeakMap<Blob, BlobSource>()

/** Hands out bytes with what is known of them. */
export function brand<T extends { size: number; sha256: string; digests: Digests }>(
  bytes: T,
  source: BlobSource,
): T & Blob {
  const blob = bytes as T & Blob
  sources.set(blob, source)
  return blob
}

/** The source of a blob that the core handed out; undefined for anything else. */
export const sourceOf = (blob: Blob): BlobSource | undefined => sources.get(blob)

/** Those that are known of a row. */
export const digestsOfBlob = (row: Pick<BlobRow, Digest>): Digests => ({
  sha256: row.sha256,
  ...(row.md5 === null ? {} : { md5: row.md5 }),
  ...(row.sha1 === null ? {} : { sha1: row.sha1 }),
  ...(row.sha512 === null ? {} : { sha512: row.sha512 }),
})

/** A committed blob as a format sees it, usable within one project. */
export function storedBlob(row: BlobRow, projectId: number): Blob {
  return brand(
    { size: row.size, sha256: row.sha256, digests: digestsOfBlob(row) },
    {
      kind: 'row',
      id: row.id,
      storageKey: row.storage_key,
      projectId,
      isDamaged: row.corrupt_at !== null,
    },
  )
}
