/** Whole bodies, decoded. */
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { EgressError } from './egress-error.ts'
import type { EgressStream } from './exchange.ts'

/**
 * The whole body, with gzip undone. The request's `maxBytes` bounds what is read, `maxBytes` what it unpacks to.
 * @throws EgressError `too_large`; `answer` for another encoding, or what is no gzip or not all of it; what the body
 * fails with.
 */
export async function decodedBody(answer: EgressStream, maxBytes: number): Promise<Buffer> {
  const { headers, body, host } = answer
  const encoding = headers['content-encoding']?.trim().toLowerCase() || 'identity'
  const collect = bounded(host, maxBytes)
  // Much less work than a pipeline, for the many short ones.
  if (encoding === 'identity') return collect(body)
  if (encoding === 'gzip' || encoding === 'x-gzip') {
    return pipeline(body, createGunzip(), collect).catch((error: NodeJS.ErrnoException) => {
      if (!error.code?.startsWith('Z_')) throw error
      throw new EgressError('answer', `${host} answered with damaged gzip`, error)
    })
  }
  body.destroy()
  throw new EgressError('answer', `${host} answered in an encoding that was not asked for`)
}

function bounded(host: string, maxBytes: number): (source: AsyncIterable<Buffer>) => Promise<Buffer> {
  return async (source) => {
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of source) {
      size += chunk.length
      if (size > maxBytes)
        throw new EgressError('too_large', `${host} answered with more than ${maxBytes} bytes`)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  }
}
