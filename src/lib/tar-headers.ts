/** What stands before the entries of tape archives: headers of 512 bytes, and extended ones for what does not fit in them. */
import type { ByteReader } from './byte-reader.ts'
import { invalid, tooLarge } from './problem.ts'

export interface TarHeader {
  readonly name: string
  readonly link: string
  readonly type: string
  /** In bytes. */
  readonly size: number
}
/** What extended headers say of the entry behind them. */
export type Extended = Partial<Pick<TarHeader, 'name' | 'link' | 'size'>>

export const brokenTar = (what: string) => invalid(`the archive is not a clean tar file: ${what}`)

/** In bytes. */
export const block = 512
/** Of an extended header: in bytes, with a name alone or with records, and how many of these. */
const maxLongName = 16 * 1024
const maxExtended = 1024 * 1024
const maxRecords = 1000

/** Undefined at the end: a block of zeros, or nothing. `isListed`: as `TarReading` has it. */
export function readHeader(bytes: Buffer, isListed: boolean): TarHeader | undefined {
  if (isZero(bytes)) return undefined
  if (bytes.length < block) throw brokenTar('it ends inside an entry')
  if (readNumber(bytes.subarray(148, 156)) !== sumOf(bytes)) throw brokenTar('a header has a wrong checksum')
  const name = textAt(bytes, 0, 100)
  const prefix = textAt(bytes, 345, 155)
  const isPosix = bytes.toString('latin1', 257, 263) === 'ustar\0'
  // Some tools take it for a part of the name in any form of archive.
  if (!isPosix && !isListed && prefix !== '')
    throw brokenTar('a name has a prefix in an older form of header')
  return {
    name: isPosix && prefix !== '' ? `${prefix}/${name}` : name,
    link: textAt(bytes, 157, 100),
    type: String.fromCharCode(bytes[156]!),
    size: readNumber(bytes.subarray(124, 136)),
  }
}

const zeros = Buffer.alloc(64 * 1024)

export function isZero(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at += zeros.length) {
    const part = bytes.subarray(at, at + zeros.length)
    if (!part.equals(zeros.subarray(0, part.length))) return false
  }
  return true
}

/** The checksum itself counts as blanks. */
function sumOf(bytes: Buffer): number {
  let sum = 8 * 0x20
  for (let at = 0; at < block; at++) if (at < 148 || at >= 156) sum += bytes[at]!
  return sum
}

function textAt(bytes: Buffer, at: number, length: number): string {
  const field = bytes.subarray(at, at + length)
  const end = field.indexOf(0)
  return field.toString('utf8', 0, end < 0 ? length : end)
}

/** Octal digits, or binary where the first bit is set (GNU). */
function readNumber(field: Buffer): number {
  if ((field[0]! & 0x80) !== 0) {
    if (field[0] !== 0x80 || !isZero(field.subarray(1, -6))) throw brokenTar('it has an impossible size')
    return field.readUIntBE(field.length - 6, 6)
  }
  const digits = /^ *([0-7]*)[ \0]*$/.exec(field.toString('latin1'))?.[1]
  if (digits === undefined) throw brokenTar('a header has no number where one should be')
  return digits === '' ? 0 : Number.parseInt(digits, 8)
}

export const isExtended = ({ type }: TarHeader): boolean => 'xgLK'.includes(type)

/**
 * What is known of the next entry behind this extended header. Throws 400 for what is said twice, since tools take the
 * first or the last, and for names and sizes of all entries or of sparse files; 413 beyond a limit.
 */
export async function readExtended(
  reader: ByteReader,
  { type, size }: TarHeader,
  said: Extended,
): Promise<Extended> {
  const isName = type === 'L' || type === 'K'
  const most = isName ? maxLongName : maxExtended
  if (size > most) throw tooLarge(`an extended header of the archive is larger than ${most} bytes`)
  const padded = Math.ceil(size / block) * block
  const bytes = await reader.take(padded)
  if (bytes.length < padded) throw brokenTar('it ends inside an entry')
  const content = bytes.subarray(0, size)
  if (!isName) return withRecords(said, content, type === 'g')
  return withValue(said, type === 'L' ? 'name' : 'link', textAt(content, 0, size))
}

function withRecords(before: Extended, bytes: Buffer, isForAll: boolean): Extended {
  let said = before
  for (const [key, value] of recordsOf(bytes)) {
    const field = { path: 'name', linkpath: 'link', size: 'size' }[key]
    const isSparse = /^(?:GNU\.sparse\.|SCHILY\.realsize$)/.test(key)
    if (isSparse || (field !== undefined && isForAll)) throw brokenTar(`an extended header says ${key}`)
    if (field === 'size') said = withValue(said, field, decimal(value.toString('latin1')))
    else if (field !== undefined) said = withValue(said, field as 'name' | 'link', value.toString())
  }
  return said
}

function withValue<K extends keyof Extended>(said: Extended, key: K, value: TarHeader[K]): Extended {
  if (said[key] !== undefined) throw brokenTar(`the ${key} of an entry is said twice`)
  return { ...said, [key]: value }
}

/** `length key=value\n`, the length counting all of it. */
function* recordsOf(bytes: Buffer): Generator<readonly [key: string, value: Buffer]> {
  for (let at = 0, count = 0; at < bytes.length; count++) {
    if (count === maxRecords)
      throw tooLarge(`an extended header of the archive has more than ${maxRecords} records`)
    const space = bytes.indexOf(0x20, at)
    const length = space < 0 ? 0 : decimal(bytes.toString('latin1', at, Math.min(space, at + 10)))
    const end = at + length
    const equals = bytes.indexOf(0x3d, space)
    if (space < 0 || equals < 0 || equals >= end || end > bytes.length || bytes[end - 1] !== 0x0a)
      throw brokenTar('an extended header is broken')
    yield [bytes.toString('utf8', space + 1, equals), bytes.subarray(equals + 1, end - 1)]
    at = end
  }
}

function decimal(text: string): number {
  if (!/^[0-9]{1,15}$/.test(text)) throw brokenTar('an extended header has no number where one should be')
  return Number(text)
}
