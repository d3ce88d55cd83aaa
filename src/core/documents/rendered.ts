import { createHash, hash } from 'node:crypto'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { createGzip, gzip } from 'node:zlib'
import type { DocumentPart, Headers } from '../../formats/format.ts'
import { turn } from '../../lib/turn.ts'

const compress = promisify(gzip)

/** Below this, compression costs more than it saves. */
const worthCompressing = 1024

/** A part of a set whose bytes are stored runs, in this order. */
export interface RunsPart {
  readonly form: 'plain' | 'gzip' | 'zstd'
  readonly ids: readonly number[]
}

/** One part, ready to be sent. Exactly one of `body`, `gzip` and `runs` is kept. */
export interface RenderedPart {
  readonly contentType: string
  readonly headers: Headers
  /** A hash of the uncompressed bytes. */
  readonly etag: string
  /** Uncompressed, in bytes. */
  readonly size: number
  readonly body?: Buffer
  readonly gzip?: Buffer
  readonly runs?: RunsPart
}

/** All parts of one document as of one state of the records (`stamp`); undefined parts: there is no such document. */
export interface RenderedDocument {
  readonly stamp: string
  readonly parts: ReadonlyMap<string, RenderedPart>
  /** What keeping it takes, in bytes. */
  readonly weight: number
}

/** Hashes and compresses what a format encoded, one part after the other. */
export async function renderParts(
  stamp: string,
  encoded: readonly DocumentPart[],
): Promise<RenderedDocument> {
  const parts = new Map<string, RenderedPart>()
  let weight = 0
  for (const part of encoded) {
    const rendered = await renderPart(part)
    parts.set(part.path, rendered)
    weight += part.path.length + (rendered.gzip ?? rendered.body)!.length + 300
  }
  return { stamp, parts, weight }
}

async function renderPart({ contentType, headers = {}, body }: DocumentPart): Promise<RenderedPart> {
  const common = { contentType, headers }
  if (!isPieces(body)) return { ...common, ...(await renderWhole(body)) }
  const length = body.reduce((sum, piece) => sum + piece.length, 0)
  return { ...common, ...(length < longText ? await renderWhole(body.join('')) : await renderPieces(body)) }
}

type Bytes = Pick<RenderedPart, 'etag' | 'size' | 'body' | 'gzip'>

const isPieces = (body: DocumentPart['body']): body is readonly string[] => Array.isArray(body)
const etagOf = (sha256: string) => sha256.slice(0, 32)

async function renderWhole(body: string | Uint8Array): Promise<Bytes> {
  const bytes =
    typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const common = { etag: etagOf(hash('sha256', bytes, 'hex')), size: bytes.length }
  if (bytes.length < worthCompressing) return { ...common, body: bytes }
  return { ...common, gzip: await compress(bytes) }
}

/** In characters: from here on a text in pieces is never put together. */
const longText = 256 * 1024

/** Pieces go through hash and compression some at a time, so that nothing takes long at once. */
async function renderPieces(pieces: readonly string[]): Promise<Bytes> {
  const sha256 = createHash('sha256')
  let size = 0
  async function* measured() {
    for (const bytes of stretches(pieces)) {
      sha256.update(bytes)
      size += bytes.length
      yield bytes
      await turn()
    }
  }
  const compressed: Buffer[] = []
  await pipeline(measured, createGzip(), async (chunks) => {
    for await (const chunk of chunks) compressed.push(chunk as Buffer)
  })
  return { etag: etagOf(sha256.digest('hex')), size, gzip: Buffer.concat(compressed) }
}

/** Characters encoded at once. */
const stretch = 128 * 1024

function* stretches(pieces: readonly string[]): Iterable<Buffer> {
  let text = ''
  for (const piece of pieces) {
    text += piece
    if (text.length < stretch) continue
    yield Buffer.from(text)
    text = ''
  }
  if (text !== '') yield Buffer.from(text)
}
