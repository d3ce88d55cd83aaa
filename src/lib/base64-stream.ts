/** Base64 decoded as it arrives. */
import { invalid } from './problem.ts'

/**
 * Decodes Base64 (RFC 4648 section 4; the URL alphabet and a missing padding are accepted). Anything else, white space
 * included, is 400: Node's own decoder would skip it silently.
 */
export async function* decodeBase64(text: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let carry = ''
  let padded = false
  for await (const chunk of text) {
    if (padded && chunk.length > 0) throw notBase64()
    const chars = carry + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1')
    const whole = chars.length - (chars.length % 4)
    carry = chars.slice(whole)
    if (whole === 0) continue
    const quanta = chars.slice(0, whole)
    padded = quanta.endsWith('=')
    if (padded && carry !== '') throw notBase64()
    yield decodeQuanta(quanta)
  }
  if (carry !== '') yield decodeQuanta(carry)
}

function decodeQuanta(chars: string): Uint8Array {
  const content = chars.length % 4 === 0 ? chars.replace(/={1,2}$/, '') : chars
  const bytes = Buffer.from(content, 'base64')
  if (content.length % 4 === 1 || bytes.length !== Math.floor((content.length * 3) / 4)) throw notBase64()
  return bytes
}

const notBase64 = () => invalid('the attachment is not valid Base64')
