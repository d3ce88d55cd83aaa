/** Compressed archives, unpacked as they come. */
import { createGunzip } from 'node:zlib'
import { throughZlib } from './zlib-stream.ts'

const gzip = { title: 'gzip', create: () => createGunzip({ chunkSize: 64 * 1024 }) }

/**
 * The bytes that a gzip stream (RFC 1952) holds. Throws 400 where it is none or is cut off, 413 once there are more than
 * `maxBytes`.
 */
export function gunzipped(
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Buffer, void, undefined> {
  return throughZlib(source, maxBytes, gzip)
}
