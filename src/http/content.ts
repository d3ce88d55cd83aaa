/** What can be sent: already rendered, format-independent. `send` turns it into bytes on the wire. */
import type { Readable } from 'node:stream'

/** Both ends inclusive, as in `Content-Range`. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** Bytes in memory, with an already compressed twin where there is one. */
export interface BytesContent {
  readonly kind: 'bytes'
  readonly contentType: string
  readonly body: Uint8Array
  readonly gzip?: Uint8Array
  /** A hash of `body`, unquoted; left out: no ETag, no 304. */
  readonly etag?: string
}

/** A document kept compressed only; decompressed on the way to the rare client that takes no gzip. */
export interface CompressedContent {
  readonly kind: 'compressed'
  readonly contentType: string
  readonly gzip: Uint8Array
  /** Bytes after decompression. */
  readonly size: number
  /** A hash of the uncompressed bytes, unquoted. */
  readonly etag?: string
}

/** A stored file: what a user uploaded, therefore always sent as an attachment. */
export interface BlobContent {
  readonly kind: 'blob'
  readonly size: number
  /** Hexadecimal; the ETag. Undefined: not known yet. */
  readonly sha256?: string
  /** Default `application/octet-stream`. */
  readonly contentType?: string
  /** Offered on download (RFC 6266), any text. */
  readonly fileName: string
  /** The whole bytes, where they are small and in memory: `open` is not called then. */
  readonly bytes?: Uint8Array
  /** A fresh stream of the range, or of everything. Destroyed by `send` when the client goes. */
  open(range?: ByteRange): Readable
  /** Where to open the bytes instead after `open` failed with `error`; undefined: nowhere. */
  elsewhere?(error: unknown): Promise<((range?: ByteRange) => Readable) | undefined>
  /** Called when the bytes, or their beginning, are on their way to a client. */
  taken?(): void
  /** An address at which the client can get the bytes itself, by this method. Left out: from us only. */
  link?(method: 'GET' | 'HEAD'): Promise<string | undefined>
}

/** No body: redirects, 201 and 204, refusals without words. */
export interface EmptyContent {
  readonly kind: 'empty'
}

export type Content = BytesContent | CompressedContent | BlobContent | EmptyContent

export const emptyContent: EmptyContent = { kind: 'empty' }

/** A JSON body without an ETag (errors, small answers). */
export function jsonContent(value: unknown): BytesContent {
  return { kind: 'bytes', contentType: 'application/json', body: Buffer.from(JSON.stringify(value)) }
}
