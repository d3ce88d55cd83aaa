/** Clear-signed texts (the cleartext signature framework of RFC 4880, section 7): opened, not verified. */
import { invalid } from '../../lib/problem.ts'

const begin = '-----BEGIN PGP SIGNED MESSAGE-----'
const signature = '-----BEGIN PGP SIGNATURE-----'
const end = '-----END PGP SIGNATURE-----'

export interface ClearText {
  readonly text: Buffer
  readonly isSigned: boolean
}

/**
 * What was signed, or all where nothing was. Throws 400 for anything before the signed text or behind its signature, and
 * for texts that readers may take in different ways. `what`: 'the .dsc file'.
 */
export function openClearSigned(what: string, bytes: Buffer): ClearText {
  // Latin-1 keeps each byte as it is.
  const text = bytes.toString('latin1')
  if (!/^-----/m.test(text)) return { text: bytes, isSigned: false }
  const lines = text.split('\n')
  if (lines[0] !== begin || lines.pop() !== '')
    throw broken(what, 'it must begin and end with the lines of its signature')
  const first = lines.indexOf('')
  const last = lines.indexOf(signature)
  const isHeader = (line: string) => /^Hash: [A-Za-z0-9, -]{1,100}$/.test(line)
  if (first < 1 || last < first || !lines.slice(1, first).every(isHeader))
    throw broken(what, 'its headers are not those of a signed text')
  if (
    !lines
      .slice(last + 1, -1)
      .every((line) => /^[A-Za-z0-9+/=: ._,;()@<>-]*$/.test(line) && !line.startsWith('-'))
  )
    throw broken(what, 'its signature is not one')
  if (lines.at(-1) !== end) throw broken(what, 'there are lines behind its signature')
  const signed = lines.slice(first + 1, last).map((line) => unescaped(what, line))
  return { text: Buffer.from(signed.map((line) => `${line}\n`).join(''), 'latin1'), isSigned: true }
}

function unescaped(what: string, line: string): string {
  if (line.startsWith('- ')) return line.slice(2)
  if (line.startsWith('-')) throw broken(what, 'a line begins with a hyphen that is not escaped')
  return line
}

const broken = (what: string, how: string) => invalid(`${what} is not clear-signed as one text: ${how}`)
