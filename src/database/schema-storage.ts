/** The tables of stored bytes. */
import type { Generated } from 'kysely'

/** The bytes of files, shared by digest. */
export interface Blobs {
  id: Generated<number>
  sha256: string
  size: number
  md5: string | null
  sha1: string | null
  sha512: string | null
  /** Where the bytes lie; used once and never again. */
  storage_key: string
  created_at: number
  /** Set when collection found no file; a marked row is never adopted. */
  marked_at: number | null
  /** Of a marked one: not to be deleted before; set while somebody tries to. */
  delete_after: number | null
  /** Set when the stored bytes were found missing or different; until they are uploaded again. */
  corrupt_at: number | null
}
/** Blobs that lost a file, for collection to look at: it may have been their last. One blob may be noted several times. */
export interface ReleasedBlobs {
  id: Generated<number>
  blob_id: number
  noted_at: number
}
/** What was added to, or taken from, what a project holds since it was last summed up. */
export interface UsageChanges {
  id: Generated<number>
  project_id: number
  bytes: number
}
