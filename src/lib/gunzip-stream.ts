/** Compressed archives, unpacked as they come. */
import { createGunzip } from 'node:zlib'
import { throughZlib } from './zlib-stream.ts'

const gzip = { title: 'gzip', create: () => createGunzip({ chunkSize: 64 * 1024 }) }

/**
 * The bytes that a gzip stream (RFC 1952) holds, of all its members. Throws 400 where it is none, is cut off or goes on
 * behind its end, be it with zeros, 413 once there are more than `maxBytes`.
 */
export function gunzipped(
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Buffer, void, undefined> {
  return throughZlib(source, maxBytes, gzip)
}
