import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { readLimit, StoredBytesMissing } from './blob-store.ts'
import type { ByteRange } from './blob-store.ts'
import type { S3Access } from './s3-client.ts'
import { failureOf, isMissing, storeProblem } from './s3-errors.ts'

/** How often a stretch is asked for again when the connection breaks without having brought anything. */
const retries = 3
const firstPauseMs = 100

/** Streams a stretch of an object called `name`. A connection that breaks under way is taken up where it broke. */
export function streamObject(access: S3Access, name: string, key: string, range: ByteRange): Readable {
  const stop = new AbortController()
  const pieces = readPieces(access, { name, key, range, signal: stop.signal })
  return new Readable({
    read() {
      pieces.next().then(
        ({ done, value }) => this.push(done ? null : value),
        (error: Error) => this.destroy(error),
      )
    },
    destroy(error, done) {
      stop.abort()
      done(error)
    },
  })
}

/** A whole small object. Throws beyond `readLimit`. */
export async function readObject(access: S3Access, name: string, key: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  const reading = { name, key, range: { start: 0 }, signal: new AbortController().signal, limit: readLimit }
  for await (const chunk of readPieces(access, reading)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

interface Reading {
  readonly name: string
  readonly key: string
  readonly range: ByteRange
  readonly signal: AbortSignal
  /** The most bytes the whole may have. */
  readonly limit?: number
}

async function* readPieces(access: S3Access, reading: Reading): AsyncGenerator<Buffer, void> {
  const { key, range, signal, limit = Infinity } = reading
  let position = range.start
  let end = range.end
  let failures = 0
  for (;;) {
    const { body, length } = await ask(access, reading, position, end)
    try {
      if (length > limit) throw new RangeError(`${key} has ${length} bytes: stream what is over ${limit}`)
      end ??= position + length - 1
      if (length < end - position + 1) throw new StoredBytesMissing(key, `end at ${position + length}`)
      for await (const chunk of body as AsyncIterable<Buffer>) {
        position += chunk.length
        failures = 0
        if (position > end + 1) throw new Error(`the store sent more bytes of ${key} than were asked for`)
        yield chunk
      }
      if (position > end) return
      throw new StoredBytesMissing(key, `end at ${position}`)
    } catch (error) {
      if (signal.aborted || !isCut(error)) throw error
      if (++failures > retries) throw storeProblem(error)
      await sleep(firstPauseMs * 2 ** failures, undefined, { signal })
    } finally {
      body.destroy()
    }
  }
}

/** The body of one answer and how many bytes it is said to have. */
async function ask(
  { sdk, client, bucket }: S3Access,
  { name, key, signal }: Reading,
  start: number,
  end: number | undefined,
): Promise<{ body: Readable; length: number }> {
  const isWhole = start === 0 && end === undefined
  const wanted = {
    Bucket: bucket,
    Key: name,
    ...(isWhole ? {} : { Range: `bytes=${start}-${end ?? ''}` }),
  }
  try {
    const answer = await client.send(new sdk.GetObjectCommand(wanted), { abortSignal: signal })
    const body = answer.Body as Readable
    // Broken off while nobody reads: whoever reads next gets the error from the stream.
    body.on('error', () => {})
    signal.addEventListener('abort', () => body.destroy(), { once: true })
    if (!isWhole && !answer.ContentRange?.startsWith(`bytes ${start}-`)) {
      body.destroy()
      throw new Error(`the store sent other bytes than those from ${start} on: ${answer.ContentRange}`)
    }
    return { body, length: answer.ContentLength ?? 0 }
  } catch (error) {
    if (signal.aborted) throw error
    if (isMissing(error)) throw new StoredBytesMissing(key)
    if (failureOf(error).status === 416) throw new StoredBytesMissing(key, `end before ${start}`)
    throw storeProblem(error)
  }
}

/** Whether a body broke off, as connections do. */
function isCut(error: unknown): boolean {
  const { name } = failureOf(error)
  const { code } = error as { code?: string }
  return (
    name === 'TimeoutError' ||
    ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ETIMEDOUT', 'EPIPE'].includes(code ?? '')
  )
}
