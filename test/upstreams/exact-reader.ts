/** A client on a raw socket: what arrived, to the byte, and whether that is all there was to come (RFC 9112, 6 and 8). */
import { connect } from 'node:net'

export interface Arrived {
  /** 0: no head came. */
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** As it came, without the frame of chunks. */
  readonly body: Buffer
  /** `broken`: the connection ended before the answer did; `late`: time was up before it. */
  readonly end: 'complete' | 'broken' | 'late'
  /** Until the end, in milliseconds. */
  readonly took: number
}

export interface ExactRequest {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Default 60 s. */
  readonly limitMs?: number
}

/** Sends one request on a connection of its own and reads until the answer, the connection or the time ends. */
export function readExactly(
  url: string,
  { method = 'GET', headers = {}, limitMs = 60_000 }: ExactRequest = {},
): Promise<Arrived> {
  const { hostname, port, pathname, search, host } = new URL(url)
  const began = performance.now()
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    const chunks: Buffer[] = []
    const finish = (end: Arrived['end']) => {
      clearTimeout(timer)
      socket.destroy()
      const answer = parse(Buffer.concat(chunks), method)
      const took = performance.now() - began
      resolve({ ...answer, end: end === 'late' ? end : answer.isComplete ? 'complete' : 'broken', took })
    }
    const timer = setTimeout(() => finish('late'), limitMs)
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', () => {})
    socket.on('close', () => finish('broken'))
    const fields = Object.entries({ host, connection: 'close', ...headers })
    const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`)
    socket.write(`${method} ${pathname}${search} HTTP/1.1\r\n${lines.join('')}\r\n`)
  })
}

interface Parsed extends Pick<Arrived, 'status' | 'headers' | 'body'> {
  readonly isComplete: boolean
}

function parse(bytes: Buffer, method: string): Parsed {
  const end = bytes.indexOf('\r\n\r\n')
  const nothing = { status: 0, headers: {}, body: bytes, isComplete: false }
  if (end < 0) return nothing
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1] ?? 0)
  const headers = Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  )
  const rest = bytes.subarray(end + 4)
  if (method === 'HEAD' || status === 204 || status === 304) {
    return { status, headers, body: rest, isComplete: rest.length === 0 }
  }
  if (headers['transfer-encoding'] === 'chunked') return { status, headers, ...unchunk(rest) }
  const length = headers['content-length']
  // Without either the end of the connection is the end of the answer, which nobody can tell from a break.
  return { status, headers, body: rest, isComplete: length !== undefined && Number(length) === rest.length }
}

function unchunk(bytes: Buffer): { body: Buffer; isComplete: boolean } {
  const parts: Buffer[] = []
  for (let at = 0; ;) {
    const line = bytes.indexOf('\r\n', at)
    const size = line < 0 ? NaN : Number.parseInt(bytes.toString('latin1', at, line), 16)
    if (Number.isNaN(size)) return { body: Buffer.concat(parts), isComplete: false }
    if (size === 0) return { body: Buffer.concat(parts), isComplete: bytes.length === line + 4 }
    parts.push(bytes.subarray(line + 2, line + 2 + size))
    at = line + 2 + size + 2
  }
}
