/** The one form of a content that this request gets: its coding, size, ETag and where its bytes come from. */
import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { createGunzip, gunzipSync } from 'node:zlib'
import type { ByteRange, BlobContent, CompressedContent, Content } from './content.ts'
import { attachment } from './disposition.ts'
import { chooseEncoding } from './encodings.ts'

/** Bytes at hand, or a stream to open when they are really sent. */
export type Source =
  | { readonly bytes: () => Uint8Array; readonly open?: undefined }
  | {
      readonly open: (range?: ByteRange) => Readable
      /** As `BlobContent.elsewhere`. */
      readonly elsewhere?: BlobContent['elsewhere']
      readonly bytes?: undefined
    }

export interface Representation {
  readonly size: number
  /** The header value, quotes included; strong, one per coding. */
  readonly etag?: string
  readonly headers: Readonly<Record<string, string>>
  /** Whether other values of Accept-Encoding get other bytes. */
  readonly varies: boolean
  readonly source: Source
}

const gunzippedAtOnce = 256 * 1024

/** `request` headers decide the coding. A client that asks for a range means the plain bytes unless it refuses them. */
export function represent(
  request: IncomingHttpHeaders,
  content: Exclude<Content, { kind: 'empty' }>,
): Representation {
  if (content.kind === 'blob') return blob(content)
  const { contentType, etag, gzip } = content
  const varies = gzip !== undefined
  const encoded = varies && !request.range && chooseEncoding(request['accept-encoding']) === 'gzip'
  if (!encoded) {
    const size = content.kind === 'bytes' ? content.body.length : content.size
    const source = content.kind === 'bytes' ? { bytes: () => content.body } : decompressed(content)
    return { size, etag: quoted(etag), headers: { 'content-type': contentType }, varies, source }
  }
  const headers = { 'content-type': contentType, 'content-encoding': 'gzip' }
  return { size: gzip.length, etag: quoted(etag, '-gzip'), headers, varies, source: { bytes: () => gzip } }
}

function blob(content: BlobContent): Representation {
  const { bytes } = content
  const headers = {
    'content-type': content.contentType ?? 'application/octet-stream',
    'content-disposition': attachment(content.fileName),
  }
  const source: Source = bytes
    ? { bytes: () => bytes }
    : { open: (range) => content.open(range), elsewhere: content.elsewhere }
  return { size: content.size, etag: quoted(content.sha256), headers, varies: false, source }
}

function decompressed({ gzip, size }: CompressedContent): Source {
  if (size <= gunzippedAtOnce)
    return { bytes: () => gunzipSync(gzip, { maxOutputLength: Math.max(size, 1) }) }
  return {
    open(range) {
      const stream = createGunzip()
      stream.end(gzip)
      return range ? section(stream, range) : stream
    },
  }
}

/** The bytes of `range` only; the source is destroyed after them. */
function section(source: Readable, { start, end }: ByteRange): Readable {
  let at = 0
  return source.compose(async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      const from = Math.max(0, start - at)
      const to = Math.min(chunk.length, end + 1 - at)
      at += chunk.length
      if (from < to) yield chunk.subarray(from, to)
      if (at > end) return
    }
  }) as unknown as Readable
}

const quoted = (etag: string | undefined, suffix = '') =>
  etag === undefined ? undefined : `"${etag}${suffix}"`
