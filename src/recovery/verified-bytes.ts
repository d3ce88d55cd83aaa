import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'

/** Bytes are not those that their digest names, or not there. */
export class OtherBytes extends Error {
  override name = 'OtherBytes'
}

/** Passes a body on, and fails at its end, before the reader can take it for complete, unless it has this sha256. */
export async function* verifiedBytes(
  body: AsyncIterable<Uint8Array>,
  sha256: string,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  for await (const chunk of body) {
    hash.update(chunk)
    yield chunk
  }
  const found = hash.digest('hex')
  if (found !== sha256) throw new OtherBytes(`the bytes have the sha256 ${found}, not ${sha256}`)
}

/** The bytes of a file, which must have this sha256. Fails with `OtherBytes`, too, where it cannot be read. */
export async function* verifiedFile(path: string, sha256: string): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: 1024 * 1024 })
  let error: Error | undefined
  file.on('error', (failure) => (error = failure))
  try {
    yield* verifiedBytes(file, sha256)
  } catch (failure) {
    throw error && failure === error ? new OtherBytes(error.message) : failure
  }
}
