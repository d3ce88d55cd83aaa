import { hash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { DocumentPart, Headers } from '../../formats/format.ts'

const compress = promisify(gzip)

/** Below this, compression costs more than it saves. */
const worthCompressing = 1024

/** One part, ready to be sent. Exactly one of `body` and `gzip` is kept. */
export interface RenderedPart {
  readonly contentType: string
  readonly headers: Headers
  /** A hash of the uncompressed bytes. */
  readonly etag: string
  /** Uncompressed, in bytes. */
  readonly size: number
  readonly body?: Buffer
  readonly gzip?: Buffer
}

/** All parts of one document as of one state of the records (`stamp`); undefined parts: there is no such document. */
export interface RenderedDocument {
  readonly stamp: string
  readonly parts: ReadonlyMap<string, RenderedPart>
  /** What keeping it takes, in bytes. */
  readonly weight: number
}

/** Hashes and compresses what a format encoded. */
export async function renderParts(
  stamp: string,
  encoded: readonly DocumentPart[],
): Promise<RenderedDocument> {
  const rendered = await Promise.all(
    encoded.map(async (part) => [part.path, await renderPart(part)] as const),
  )
  const weight = rendered.reduce(
    (sum, [path, part]) => sum + path.length + (part.gzip ?? part.body)!.length + 300,
    0,
  )
  return { stamp, parts: new Map(rendered), weight }
}

async function renderPart({ contentType, headers = {}, body }: DocumentPart): Promise<RenderedPart> {
  const bytes =
    typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const common = { contentType, headers, etag: hash('sha256', bytes, 'hex').slice(0, 32), size: bytes.length }
  if (bytes.length < worthCompressing) return { ...common, body: bytes }
  return { ...common, gzip: await compress(bytes) }
}
