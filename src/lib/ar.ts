/** Archives of the common ar format (as deb(5) and ar(5) describe it), read as they come. */
import { ByteReader } from './byte-reader.ts'
import { invalid, tooLarge } from './problem.ts'

export interface ArEntry {
  /** Printable ASCII without a slash; the slash that GNU's tools end it with is taken off. */
  readonly name: string
  /** In bytes. */
  readonly size: number
  /** Where its body begins, counted from where reading began. */
  readonly offset: number
  /** To be read before the next entry is asked for; what is left of it is passed over. */
  readonly body: AsyncIterable<Uint8Array>
}
export interface ArLimits {
  readonly entries: number
}

/** What every archive begins with. */
export const arMagic = '!<arch>\n'
const headerLength = 60

type Entries = AsyncGenerator<ArEntry, void, undefined>

/**
 * The entries of an archive, in their order. Throws 400 for what is none or is cut off, and for the longer names of GNU's
 * and BSD's tools, which readers see differently; 413 beyond a limit. Behind the last entry the byte that fills an odd
 * one up may be missing.
 */
export const readAr = (source: AsyncIterable<Uint8Array>, limits: ArLimits): Entries =>
  entriesOf(source, limits, arMagic)

/** The same for the rest of an archive, from where the header of an entry begins. */
export const readArRest = (source: AsyncIterable<Uint8Array>, limits: ArLimits): Entries =>
  entriesOf(source, limits, '')

async function* entriesOf(source: AsyncIterable<Uint8Array>, limits: ArLimits, magic: string): Entries {
  const reader = new ByteReader(source)
  try {
    if ((await reader.take(magic.length)).toString('latin1') !== magic)
      throw broken('it does not begin as one')
    for (let count = 0; ; count++) {
      const bytes = await reader.take(headerLength)
      if (bytes.length === 0) return
      if (count === limits.entries) throw tooLarge(`the archive has more than ${limits.entries} entries`)
      const { name, size } = readHeader(bytes)
      const offset = reader.position
      yield { name, size, offset, body: reader.pieces(size) }
      const missing = offset + size - reader.position
      if ((await reader.skip(missing)) < missing) throw broken('it ends inside an entry')
      if (size % 2 === 1) await reader.skip(1)
    }
  } finally {
    await reader.close()
  }
}

function readHeader(bytes: Buffer): { readonly name: string; readonly size: number } {
  if (bytes.length < headerLength) throw broken('it ends inside an entry')
  const text = bytes.toString('latin1')
  if (text.slice(58) !== '`\n') throw broken('an entry has no header')
  const name = text.slice(0, 16).replace(/ +$/, '').replace(/\/$/, '')
  if (/^(?:\/|#1\/|$)/.test(name)) throw broken('it has names of another form than the common one')
  if (!/^[!-.0-~]+$/.test(name)) throw broken(`the name ${JSON.stringify(name)} is not allowed`)
  const size = /^([0-9]{1,10}) *$/.exec(text.slice(48, 58))?.[1]
  if (size === undefined) throw broken('an entry has no size')
  return { name, size: Number(size) }
}

const broken = (what: string) => invalid(`the archive is not a clean ar file: ${what}`)
