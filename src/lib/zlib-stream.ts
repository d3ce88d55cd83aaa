/** Archives that a decoder of Node's zlib unpacks, as they come. */
import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { invalid, tooLarge } from './problem.ts'

export interface ZlibForm {
  /** What such archives are called: 'gzip'. */
  readonly title: string
  readonly create: () => Transform
}

/** What `source` holds. Throws 400 where it is not of this form or is cut off, 413 once there are more than `maxBytes`. */
export async function* throughZlib(
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
  { title, create }: ZlibForm,
): AsyncGenerator<Buffer, void, undefined> {
  const decoder = create()
  const chunks = source[Symbol.asyncIterator]()
  // What fails is heard of through `decoder`, which it destroys.
  const feeding = pipeline(lent(chunks), decoder).catch(() => undefined)
  let size = 0
  try {
    for await (const piece of decoder as AsyncIterable<Buffer>) {
      size += piece.length
      if (size > maxBytes) throw tooLarge(`the archive unpacks to more than ${maxBytes} bytes`)
      yield piece
    }
  } catch (error) {
    throw problemOf(error, title)
  } finally {
    decoder.destroy()
    await feeding
    // Whoever reads on behind the archive must find nobody else reading.
    await chunks.return?.()
  }
}

async function* lent(chunks: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (;;) {
    const next = await chunks.next()
    if (next.done) return
    yield next.value
  }
}

function problemOf(error: unknown, title: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ZSTD_error_frameParameter_windowTooLarge')
    return tooLarge('the archive takes too much memory to unpack')
  return /^(?:Z_|ZSTD_)/.test(code) ? invalid(`the archive is not valid ${title}`) : error
}
