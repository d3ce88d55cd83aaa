/** Request bodies that a client compressed. */
import { pipeline } from 'node:stream/promises'
import { PassThrough, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { invalid, Problem, tooLarge } from './problem.ts'

/**
 * Reads a whole small body, gunzipped if `encoding` (the Content-Encoding header) says so. `limit` counts the bytes
 * after decompression, so that a small bomb stays small (413). A broken stream is 400, another encoding 415.
 */
export async function readGunzipped(
  body: Readable,
  encoding: string | undefined,
  limit: number,
): Promise<Buffer> {
  const coding = encoding?.trim().toLowerCase() ?? 'identity'
  if (!['identity', 'gzip', 'x-gzip', ''].includes(coding)) {
    throw new Problem(
      415,
      'unsupported_encoding',
      `Content-Encoding ${coding.slice(0, 40)} is not supported, use gzip`,
    )
  }
  const decoder = coding.endsWith('gzip') ? createGunzip() : new PassThrough()
  const chunks: Buffer[] = []
  let size = 0
  try {
    await pipeline(unowned(body), decoder, async (decoded: AsyncIterable<Buffer>) => {
      for await (const chunk of decoded) {
        size += chunk.length
        if (size > limit) throw tooLarge(`the request body is larger than ${limit} bytes`)
        chunks.push(chunk)
      }
    })
  } catch (error) {
    throw isZlibError(error) ? invalid('the request body is not valid gzip') : error
  }
  return Buffer.concat(chunks)
}

/** A failing pipeline destroys its source, and with a request's body the connection that the refusal has to use. */
function unowned(body: Readable): AsyncIterable<Uint8Array> {
  return body.iterator({ destroyOnReturn: false })
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
}
