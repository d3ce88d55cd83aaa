/** Answers to the last byte, for comparing them. */
import { exchangeBytes } from '../src/formats/testing/http.ts'

export interface RawRequest {
  readonly method: string
  /** As it goes on the wire. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Status line, headers and body as received; only the date and the random request id are cut out. */
export async function rawAnswer(
  url: string,
  { method, path, headers = {}, body = '' }: RawRequest,
): Promise<string> {
  const fields = {
    host: new URL(url).host,
    connection: 'close',
    ...(body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    ...headers,
  }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`)
  const text = await exchangeBytes(url, [`${method} ${path} HTTP/1.1`, ...lines, '', body].join('\r\n'))
  if (!text.startsWith('HTTP/1.1 ')) throw new Error(`${method} ${path} was not answered: ${text}`)
  return text.replace(/^(date|x-request-id): .*\r\n/gim, '')
}

export const statusOf = (answer: string) => Number(answer.slice(9, 12))
