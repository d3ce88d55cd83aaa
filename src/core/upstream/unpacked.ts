import { createGunzip } from 'node:zlib'
import type { EgressStream } from '../egress/egress.ts'
import { EgressError } from '../egress/egress-error.ts'

/** Whether the bytes were packed for the way, or are said to be. */
export const isPacked = ({ headers }: EgressStream) =>
  headers['content-encoding'] === 'gzip' || headers['content-encoding'] === 'x-gzip'

/** The bytes of a file as the upstream has them: unpacked where they were packed for the way. At most `maxBytes`. */
export async function* unpacked(stream: EgressStream, maxBytes: number): AsyncGenerator<Buffer> {
  const gunzip = createGunzip()
  stream.body.once('error', (error) => gunzip.destroy(error))
  stream.body.pipe(gunzip)
  let size = 0
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > maxBytes) throw new EgressError('too_large', 'the file is larger than is taken')
      yield chunk
    }
  } finally {
    stream.body.destroy()
  }
}
