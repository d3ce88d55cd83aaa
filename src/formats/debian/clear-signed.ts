/** Clear-signed texts (the cleartext signature framework of RFC 9580, section 7): opened, not verified. */
import { invalid, tooLarge } from '../../lib/problem.ts'
import { maxLines } from './control.ts'

const begin = '-----BEGIN PGP SIGNED MESSAGE-----'
const signature = '-----BEGIN PGP SIGNATURE-----'
const end = '-----END PGP SIGNATURE-----'

export interface ClearText {
  readonly text: Buffer
  readonly isSigned: boolean
}

/**
 * What was signed, or all where nothing was. Throws 400 for anything before the signed text or behind its signature, and
 * for lines that begin with a hyphen: they would be escaped, which dpkg does not undo, and no field begins with one; 413
 * for very many lines. `what`: 'the .dsc file'.
 */
export function openClearSigned(what: string, bytes: Buffer): ClearText {
  const isPlain = !bytes.includes('\n-----') && bytes.toString('latin1', 0, 5) !== '-----'
  if (isPlain) return { text: bytes, isSigned: false }
  // Latin-1 keeps each byte as it is.
  const lines = bytes.toString('latin1').split('\n', 2 * maxLines)
  if (lines.length === 2 * maxLines) throw tooLarge(`${what} has more than ${2 * maxLines} lines`)
  if (lines[0] !== begin || lines.pop() !== '')
    throw broken(what, 'it must begin and end with the lines of its signature')
  const first = lines.indexOf('')
  const last = lines.indexOf(signature)
  const isHeader = (line: string) => /^Hash: [A-Za-z0-9, -]{1,100}$/.test(line)
  if (first < 1 || last < first || !lines.slice(1, first).every(isHeader))
    throw broken(what, 'its headers are not those of a signed text')
  const signed = lines.slice(first + 1, last)
  if (signed.some((line) => line.startsWith('-'))) throw broken(what, 'a line begins with a hyphen')
  if (!lines.slice(last + 1, -1).every(isOfSignature)) throw broken(what, 'its signature is not one')
  if (lines.at(-1) !== end) throw broken(what, 'there are lines behind its signature')
  return { text: Buffer.from(signed.map((line) => `${line}\n`).join(''), 'latin1'), isSigned: true }
}

const isOfSignature = (line: string): boolean =>
  /^[A-Za-z0-9+/=: ._,;()@<>-]*$/.test(line) && !line.startsWith('-')

const broken = (what: string, how: string) => invalid(`${what} is not clear-signed as one text: ${how}`)
