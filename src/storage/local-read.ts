import { close, fstat, open as openFile, read as readFile } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { RecyclingStream } from '../lib/recycling.ts'
import { readLimit, StoredBytesMissing } from './blob-store.ts'
import type { ByteRange } from './blob-store.ts'
import { assertRange } from './byte-range.ts'
import { errorCode } from './file-errors.ts'

const pieceBytes = 1024 * 1024

/** A stream over a file, or a stretch of it, in pieces of 1 MiB that are no larger than what is left. */
export function streamFile(path: string, key: string, range: ByteRange = { start: 0 }): RecyclingStream {
  assertRange(range)
  let fd: number | undefined
  let position = range.start
  let end = range.end
  let reading = false
  const spare: Buffer[] = []
  let afterRead: (() => void) | undefined

  function setEnd(file: number, done: (error?: Error | null) => void): void {
    if (end !== undefined) return done()
    fstat(file, (error, stat) => {
      if (!error) end = stat.size - 1
      done(error)
    })
  }
  function finish(error: Error | null, done: (error?: Error | null) => void): void {
    if (fd === undefined) return done(error)
    close(fd, (closeError) => done(error ?? closeError))
    fd = undefined
  }
  function readPiece(stream: Readable, length: number): void {
    const piece = (length === pieceBytes && spare.pop()) || Buffer.allocUnsafeSlow(length)
    reading = true
    readFile(fd!, piece, 0, length, position, (error, count) => {
      reading = false
      if (afterRead) return afterRead()
      if (error) return void stream.destroy(error)
      if (count === 0) return void stream.destroy(new StoredBytesMissing(key, `end at ${position}`))
      position += count
      stream.push(count === length ? piece : piece.subarray(0, count))
    })
  }

  const stream = new Readable({
    highWaterMark: pieceBytes,
    construct(done) {
      openFile(path, 'r', (error, file) => {
        if (error) return done(asMissing(error, key))
        fd = file
        setEnd(file, done)
      })
    },
    read() {
      const left = end! - position + 1
      if (left <= 0) this.push(null)
      else readPiece(this, Math.min(left, pieceBytes))
    },
    destroy(error, done) {
      // The descriptor may be given to another file as soon as it is closed: never under a read.
      if (reading) afterRead = () => finish(error, done)
      else finish(error, done)
    },
  })
  return Object.assign(stream, {
    recycle(piece: Uint8Array) {
      if (piece.length === pieceBytes) spare.push(piece as Buffer)
    },
  })
}

/** A whole small file. Throws beyond `readLimit`, and `StoredBytesMissing` when it is not there. */
export async function readSmallFile(path: string, key: string): Promise<Buffer> {
  const file = await open(path, 'r').catch((error: Error) => {
    throw asMissing(error, key)
  })
  try {
    const { size } = await file.stat()
    if (size > readLimit) throw new RangeError(`${key} has ${size} bytes: stream what is over ${readLimit}`)
    const bytes = Buffer.allocUnsafeSlow(size)
    let filled = 0
    while (filled < size) {
      const { bytesRead } = await file.read(bytes, filled, size - filled, filled)
      if (bytesRead === 0) throw new StoredBytesMissing(key, `end at ${filled}`)
      filled += bytesRead
    }
    return bytes
  } finally {
    await file.close()
  }
}

function asMissing(error: Error, key: string): Error {
  return errorCode(error) === 'ENOENT' ? new StoredBytesMissing(key) : error
}
