/** One keep-alive HTTP/1.1 connection on a raw socket: what the generator spends per request must be little. */
import { connect } from 'node:net'

/** What an answer must be. Its body is `block`, again and again, up to `length` bytes; undefined: any body. */
export interface Expected {
  readonly status: number
  readonly block?: Uint8Array
  readonly length?: number
}

export interface ConnectionUse {
  readonly port: number
  readonly expected: Expected
  /** The bytes of the next request; undefined: no more, close. */
  next(): Uint8Array | undefined
  /** A whole answer came, this many milliseconds after its request was sent. */
  answered(milliseconds: number): void
}

const readBytes = 256 * 1024

/** Sends requests one after the other until there are no more. Rejects at the first answer that is not as expected. */
export function useConnection({ port, expected, next, answered }: ConnectionUse): Promise<void> {
  return new Promise((resolve, reject) => {
    const reader = createAnswerReader(expected)
    let sentAt = 0
    let isDone = false
    const ask = () => {
      const request = next()
      if (!request) {
        isDone = true
        return void socket.end()
      }
      sentAt = performance.now()
      socket.write(request)
    }
    const feed = (count: number, buffer: Uint8Array) => {
      try {
        if (!reader.feed(buffer as Buffer, count)) return true
        answered(performance.now() - sentAt)
        ask()
      } catch (error) {
        socket.destroy(error as Error)
      }
      return true
    }
    const onread = { buffer: Buffer.allocUnsafeSlow(readBytes), callback: feed }
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread })
    socket.on('connect', ask).on('error', reject)
    socket.on('close', () =>
      isDone ? resolve() : reject(new Error('the server closed a connection that was to be kept alive')),
    )
  })
}

interface AnswerReader {
  /** Whether the answer is complete with these bytes. Throws if it is not what was expected. */
  feed(buffer: Buffer, count: number): boolean
}

/** Reads answers with a Content-Length that come one at a time. */
function createAnswerReader(expected: Expected): AnswerReader {
  let head: Buffer = Buffer.alloc(0)
  let inBody = false
  let length = 0
  let at = 0

  function body(buffer: Buffer, from: number, to: number): boolean {
    if (expected.block) compare(expected.block, buffer, from, to, at)
    at += to - from
    if (at > length) throw new Error(`${at} bytes came where ${length} were announced`)
    inBody = at < length
    return !inBody
  }
  function begin(buffer: Buffer, count: number): boolean {
    const all = head.length > 0 ? Buffer.concat([head, buffer.subarray(0, count)]) : buffer
    const size = head.length + count
    const end = all.indexOf('\r\n\r\n')
    if (end < 0 || end + 4 > size) {
      head = Buffer.from(all.subarray(0, size))
      return false
    }
    head = Buffer.alloc(0)
    length = readHead(all.toString('latin1', 0, end), expected)
    at = 0
    return body(all, end + 4, size)
  }
  return { feed: (buffer, count) => (inBody ? body(buffer, 0, count) : begin(buffer, count)) }
}

/** The length of the body. */
function readHead(head: string, expected: Expected): number {
  const status = Number(head.slice(9, 12))
  if (status !== expected.status) throw new Error(`expected ${expected.status}, got:\n${head}`)
  const found = /\r\ncontent-length: *(\d+)/i.exec(head)
  if (!found) throw new Error(`an answer without Content-Length:\n${head}`)
  const length = Number(found[1])
  if (expected.length !== undefined && length !== expected.length)
    throw new Error(`a body of ${length} bytes where ${expected.length} were expected`)
  return length
}

/** Compares `buffer[from..to)` with what stands at `position` of the repeated block. */
function compare(block: Uint8Array, buffer: Buffer, from: number, to: number, position: number): void {
  let start = from
  let at = position % block.length
  while (start < to) {
    const count = Math.min(to - start, block.length - at)
    if (buffer.compare(block, at, at + count, start, start + count) !== 0)
      throw new Error('a body differs from the expected bytes')
    start += count
    at = 0
  }
}
