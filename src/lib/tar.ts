/** Tape archives (POSIX.1-2001 pax and ustar, with GNU's long names), read as they come. */
import { ByteReader } from './byte-reader.ts'
import { invalid, tooLarge } from './problem.ts'
import { turn } from './turn.ts'

export interface TarEntry {
  /** Segments joined by '/', none of them empty, `.` or `..`. */
  readonly name: string
  /** Devices and pipes only where entries are but listed. */
  readonly kind: 'file' | 'directory' | 'link' | 'device'
  /** Of a file, in bytes. */
  readonly size: number
  /** To be read before the next entry is asked for; what is left of it is passed over. */
  readonly body: AsyncIterable<Uint8Array>
}
export interface TarLimits {
  readonly entries: number
}
export interface TarReading extends TarLimits {
  /**
   * Nothing is unpacked, so links may lead anywhere, there may be devices, and names may have any characters: U+FFFD
   * where they are not UTF-8.
   */
  readonly isListed?: boolean
}

const block = 512
/** Of an extended header, in bytes. */
const maxExtended = 1024 * 1024
const maxName = 4096
const entriesAtOnce = 64
const kinds: Readonly<Record<string, TarEntry['kind']>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '5': 'directory',
  '1': 'link',
  '2': 'link',
}
const devices: Readonly<Record<string, TarEntry['kind']>> = { '3': 'device', '4': 'device', '6': 'device' }

/**
 * The entries of an archive, in their order. Throws 400 for what is none or is cut off, for names and links that lead out
 * of the folder it is unpacked to, and for devices; 413 beyond a limit.
 */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  limits: TarReading,
): AsyncGenerator<TarEntry> {
  const reader = new ByteReader(source)
  let said: Extended = {}
  try {
    for (let count = 0; ; count++) {
      if (count > limits.entries) throw tooLarge(`the archive has more than ${limits.entries} entries`)
      if (count % entriesAtOnce === entriesAtOnce - 1) await turn()
      const header = readHeader(await reader.take(block))
      if (!header) break
      if ('xgLK'.includes(header.type)) {
        said = { ...said, ...(await readExtended(reader, header)) }
        continue
      }
      yield* oneEntry(reader, header, { said, isListed: limits.isListed ?? false })
      said = {}
    }
    await checkEnd(reader)
  } finally {
    await reader.close()
  }
}

/** Tools stop at the first block of zeros: what others might read behind it is refused. */
async function checkEnd(reader: ByteReader): Promise<void> {
  for await (const piece of reader.pieces(Number.POSITIVE_INFINITY))
    if (piece.some((byte) => byte !== 0)) throw broken('there are bytes behind its end')
}

async function* oneEntry(
  reader: ByteReader,
  header: Header,
  { said, isListed }: { readonly said: Extended; readonly isListed: boolean },
): AsyncGenerator<TarEntry> {
  const kind = kinds[header.type] ?? (isListed ? devices[header.type] : undefined)
  if (!kind) throw broken(`an entry is a device or of another unknown kind`)
  const name = safeName(said.name ?? header.name, isListed)
  if (kind === 'link' && !isListed) checkLink(name, said.link ?? header.link, header.type === '2')
  const size = kind === 'file' ? (said.size ?? header.size) : 0
  const begin = reader.position
  yield { name, kind, size, body: reader.pieces(size) }
  const padded = Math.ceil(size / block) * block
  const missing = begin + padded - reader.position
  if ((await reader.skip(missing)) < missing) throw broken('it ends inside an entry')
}

const broken = (what: string) => invalid(`the archive is not a clean tar file: ${what}`)

interface Header {
  readonly name: string
  readonly link: string
  readonly type: string
  readonly size: number
}

/** Undefined at the end: a block of zeros, or nothing. */
function readHeader(bytes: Buffer): Header | undefined {
  if (bytes.every((byte) => byte === 0)) return undefined
  if (bytes.length < block) throw broken('it ends inside an entry')
  let sum = 0
  for (const [at, byte] of bytes.entries()) sum += at >= 148 && at < 156 ? 32 : byte
  if (readNumber(bytes.subarray(148, 156)) !== sum) throw broken('a header has a wrong checksum')
  const prefix = bytes.toString('latin1', 257, 263) === 'ustar\0' ? textAt(bytes, 345, 155) : ''
  const name = textAt(bytes, 0, 100)
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    link: textAt(bytes, 157, 100),
    type: String.fromCharCode(bytes[156]!),
    size: readNumber(bytes.subarray(124, 136)),
  }
}

function textAt(bytes: Buffer, at: number, length: number): string {
  const field = bytes.subarray(at, at + length)
  const end = field.indexOf(0)
  return field.toString('utf8', 0, end < 0 ? length : end)
}

/** Octal digits, or binary where the first bit is set (GNU). */
function readNumber(field: Buffer): number {
  if ((field[0]! & 0x80) !== 0) {
    if (field[0] !== 0x80 || field.subarray(1, -6).some((byte) => byte !== 0))
      throw broken('it has an impossible size')
    return field.readUIntBE(field.length - 6, 6)
  }
  const digits = field
    .toString('latin1')
    .replace(/^ +/, '')
    .replace(/[ \0].*$/s, '')
  if (!/^[0-7]*$/.test(digits)) throw broken('a header has no number where one should be')
  return digits === '' ? 0 : Number.parseInt(digits, 8)
}

/** What an extended header says of the entry behind it. */
interface Extended {
  readonly name?: string
  readonly link?: string
  readonly size?: number
}

async function readExtended(reader: ByteReader, { type, size }: Header): Promise<Extended> {
  if (size > maxExtended)
    throw tooLarge(`an extended header of the archive is larger than ${maxExtended} bytes`)
  const padded = Math.ceil(size / block) * block
  const bytes = await reader.take(padded)
  if (bytes.length < padded) throw broken('it ends inside an entry')
  const content = bytes.subarray(0, size)
  if (type === 'L') return { name: textAt(content, 0, size) }
  if (type === 'K') return { link: textAt(content, 0, size) }
  const records = readRecords(content)
  const number = records.get('size')
  // What is said of all entries says nothing of a name.
  if (type === 'g') return {}
  const path = records.get('path')
  const link = records.get('linkpath')
  return {
    ...(path !== undefined && { name: path }),
    ...(link !== undefined && { link }),
    ...(number !== undefined && { size: decimal(number) }),
  }
}

/** `length key=value\n`, the length counting all of it. */
function readRecords(bytes: Buffer): ReadonlyMap<string, string> {
  const records = new Map<string, string>()
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at)
    const length = space < 0 ? 0 : decimal(bytes.toString('latin1', at, Math.min(space, at + 10)))
    const end = at + length
    const equals = bytes.indexOf(0x3d, space)
    if (space < 0 || equals < 0 || equals >= end || end > bytes.length || bytes[end - 1] !== 0x0a)
      throw broken('an extended header is broken')
    records.set(bytes.toString('utf8', space + 1, equals), bytes.toString('utf8', equals + 1, end - 1))
    at = end
  }
  return records
}

function decimal(text: string): number {
  if (!/^[0-9]{1,15}$/.test(text)) throw broken('an extended header has no number where one should be')
  return Number(text)
}

// oxlint-disable-next-line no-control-regex
const unsafeText = /[\u0000-\u001f\u007f\\\ufffd]|^[A-Za-z]:/

function safeName(text: string, isListed: boolean): string {
  const name = text.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '')
  const segments = name.split('/')
  const isUnsafe = segments.some((segment) => segment === '' || segment === '.' || segment === '..')
  if (name === '' && text !== '') return '.'
  if (isUnsafe || text.length > maxName || (!isListed && unsafeText.test(name)))
    throw broken(`the name ${JSON.stringify(text.slice(0, 100))} is not safe to unpack`)
  return name
}

/** A symbolic link starts at its own folder, a hard link where all is unpacked. */
function checkLink(name: string, target: string, isSymbolic: boolean): void {
  let depth = isSymbolic ? name.split('/').length - 1 : 0
  for (const segment of target.split('/')) {
    if (segment === '..') depth--
    else if (segment !== '.' && segment !== '') depth++
    if (depth < 0) break
  }
  if (depth < 0 || target === '' || target.startsWith('/') || unsafeText.test(target))
    throw broken(`the link ${JSON.stringify(name.slice(0, 100))} is not safe to unpack`)
}
