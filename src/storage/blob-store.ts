import type { Readable } from 'node:stream'

/**
 * Where the bytes of package files lie: a disk or a bucket, behind one interface.
 *
 * A store knows keys and bytes; what they mean stands in the records. Every write gets a fresh key, and no key is
 * ever written twice, so a late delete can only hit bytes that nothing refers to. Names that come from a request
 * never reach a store: it takes no key but those it made itself.
 *
 * The life of a blob: `write` makes the bytes durable and marks them as a leftover, the transaction that names the
 * key commits, `keep` takes the mark away. After a crash in between the mark is still there, and a later sweep
 * finds it through `leftovers`: bytes without a row are deleted, the others kept. Several processes may share a
 * store: a sweep takes only marks that are older than any upload can last.
 */
export interface BlobStore {
  /**
   * Streams `body` to a fresh key. When it resolves, the bytes survive a power cut. Memory stays flat however long
   * the body is, and a slow disk slows the reading of the body down. A chunk must not be altered once it was yielded.
   *
   * When the body fails, or is destroyed, nothing stays and the error is thrown on. When the store does, what stays
   * has a mark; a full disk or quota is a `Problem` 507, a store that cannot be written to one of 503.
   */
  write(
    body: AsyncIterable<Uint8Array>,
    options?: WriteOptions,
  ): Promise<{ readonly key: string; readonly size: number }>
  /**
   * The row that names `key` is committed: it is no leftover any more. Doing so again is fine. A store may do it a
   * little later, at `close` at the latest: who sweeps asks the records anyway.
   */
  keep(key: string): Promise<void>
  /** Marks `key` as a leftover, from now on: about to be named by no row, while some may still be reading it. */
  release(key: string): Promise<void>
  /** Deletes the bytes and the mark; a key without bytes is fine. */
  delete(key: string): Promise<void>
  /**
   * Streams the bytes, or a stretch of them, in pieces of at most 1 MiB. The stream fails with `StoredBytesMissing`
   * when there are none, and when they stop before `range.end`: whoever knows the size should give it.
   */
  open(key: string, range?: ByteRange): Readable
  /** A small file (at most `readLimit`) at once; throws `StoredBytesMissing` when there is none. */
  read(key: string): Promise<Buffer>
  /**
   * Keys with a mark that is older than so many milliseconds by the store's own clock; half-written bytes as old are
   * removed on the way, or their key is among those listed. The memory used does not grow with their number.
   *
   * 0 is for the start of a process that has the store to itself: everything that earlier runs marked, nothing that
   * this one did.
   *
   * A crash may come after the commit and before `keep`, so a leftover can be referred to: ask the records, then
   * `keep` or `delete`.
   */
  leftovers(options: { readonly olderThanMs: number }): AsyncIterable<string>
  /**
   * An address at which a client itself gets the bytes for a while, by one method only; undefined: there is none.
   * Left out by stores that never have one.
   */
  readonly link?: (key: string, options: LinkOptions) => Promise<string | undefined>
  /**
   * Resolves when bytes could be written and read now, without writing any; throws what is in the way. Left out by
   * stores that cannot tell more than reading does.
   */
  readonly check?: () => Promise<void>
  /** Whether no bytes lie in it: what is restored goes into an empty one. */
  isEmpty(): Promise<boolean>
  /** What time it is for the store, in milliseconds since 1970; left out where that is this machine's time. */
  readonly now?: () => Promise<number>
  /** How often the store was used since it was opened. */
  readonly counts: Readonly<BlobStoreCounts>
  /** Call it when nothing is under way any more; writes after it are refused. */
  close(): Promise<void>
}

export interface WriteOptions {
  /**
   * Nobody waits for it: once its bytes have come, it may wait so many milliseconds to be made durable together with others.
   * Default 0.
   */
  readonly gatherMs?: number
}

/** Positions in bytes, both inclusive. */
export interface ByteRange {
  readonly start: number
  /** Left out: to the end. */
  readonly end?: number
}

/** What an address of stored bytes is good for, and what the answer there says. */
export interface LinkOptions {
  readonly method: 'GET' | 'HEAD'
  readonly contentType: string
  readonly contentDisposition: string
  /** In seconds. */
  readonly expiresIn: number
}

export interface BlobStoreCounts {
  /** Streams and whole reads. */
  opens: number
  /** Writes that succeeded. */
  writes: number
  deletes: number
}

/** The largest file that `read` takes, in bytes. */
export const readLimit = 16 * 1024 * 1024

/** The records name bytes that are not there, or not all of them. Never the client's fault. */
export class StoredBytesMissing extends Error {
  override name = 'StoredBytesMissing'
  readonly key: string
  constructor(key: string, what = 'are missing') {
    super(`the stored bytes of ${key} ${what}`)
    this.key = key
  }
}
