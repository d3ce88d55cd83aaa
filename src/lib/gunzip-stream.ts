/** Compressed archives, unpacked as they come. */
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { invalid, tooLarge } from './problem.ts'

/**
 * The bytes that a gzip stream (RFC 1952) holds. Throws 400 where it is none or is cut off, 413 once there are more than
 * `maxBytes`.
 */
export async function* gunzipped(
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 64 * 1024 })
  // What fails is heard of through `gunzip`, which it destroys.
  const feeding = pipeline(source, gunzip).catch(() => undefined)
  let size = 0
  try {
    for await (const piece of gunzip as AsyncIterable<Buffer>) {
      size += piece.length
      if (size > maxBytes) throw tooLarge(`the archive unpacks to more than ${maxBytes} bytes`)
      yield piece
    }
  } catch (error) {
    throw isZlibError(error) ? invalid('the archive is not valid gzip') : error
  } finally {
    gunzip.destroy()
    await feeding
  }
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
}
