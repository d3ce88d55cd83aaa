/** Archives that a decoder of Node's zlib unpacks, as they come. */
import { pipeline } from 'node:stream/promises'
import type { Gunzip, ZstdDecompress } from 'node:zlib'
import { invalid, tooLarge } from './problem.ts'

export interface ZlibForm {
  /** What such archives are called: 'gzip'. */
  readonly title: string
  readonly create: () => Gunzip | ZstdDecompress
}

/**
 * What `source` holds. Throws 400 where it is not of this form, is cut off or goes on behind its end, 413 once there are
 * more than `maxBytes`.
 */
export async function* throughZlib(
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
  { title, create }: ZlibForm,
): AsyncGenerator<Buffer, void, undefined> {
  const decoder = create()
  const chunks = source[Symbol.asyncIterator]()
  let fed = 0
  // Ends without closing what the bytes come from.
  async function* lent(): AsyncGenerator<Uint8Array> {
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
      fed += next.value.length
      yield next.value
    }
  }
  // What fails is heard of through `decoder`, which it destroys.
  const feeding = pipeline(lent, decoder).catch(() => undefined)
  let size = 0
  try {
    for await (const piece of decoder as AsyncIterable<Buffer>) {
      size += piece.length
      if (size > maxBytes) throw tooLarge(`the archive unpacks to more than ${maxBytes} bytes`)
      yield piece
    }
    // Decoders stop at zeros, behind which some tools read on.
    if (decoder.bytesWritten < fed)
      throw invalid(`the archive is not valid ${title}: there are bytes behind its end`)
  } catch (error) {
    throw problemOf(error, title)
  } finally {
    decoder.destroy()
    await feeding
    // Whoever reads on behind the archive must find nobody else reading.
    await chunks.return?.()
  }
}

function problemOf(error: unknown, title: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ZSTD_error_frameParameter_windowTooLarge')
    return tooLarge('the archive takes too much memory to unpack')
  return /^(?:Z_|ZSTD_)/.test(code) ? invalid(`the archive is not valid ${title}`) : error
}
