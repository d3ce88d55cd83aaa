/**
 * The central directory of a ZIP archive (PKWARE APPNOTE 6.3.10), read so that it can mean one thing only. What tools
 * read differently is refused: data before, between or behind the entries, comments, entries of one name, odd names,
 * encryption, methods other than "stored" and "deflated", several disks. `zip-contents.ts` holds the entries against it.
 */
import { Patience } from './patience.ts'
import { invalid, tooLarge } from './problem.ts'
import { sortInTurns } from './turn.ts'

/** Bytes that can be read from anywhere; `end` is the last byte's place. */
export interface SeekableFile {
  readonly size: number
  open(range?: { readonly start: number; readonly end?: number }): AsyncIterable<Uint8Array>
}
export interface ZipEntry {
  /** Segments joined by '/'; a directory's ends with '/'. */
  readonly name: string
  readonly rawName: Buffer
  readonly flags: number
  readonly method: number
  readonly crc32: number
  /** In bytes, in the archive and unpacked. */
  readonly packedSize: number
  readonly size: number
  /** Where its local header stands, and where what follows it begins. */
  readonly offset: number
  readonly next: number
}
export interface ZipLimits {
  readonly entries: number
  /** Of the central directory. */
  readonly bytes: number
}

export const stored = 0
export const deflated = 8
/** The entry's sizes stand behind its data. */
export const hasDescriptor = 0x0008
const isUtf8 = 0x0800
/** The options of "deflated" (bits 1 and 2) and the two above. */
const allowedFlags = 0x0006 | hasDescriptor | isUtf8

const endSize = 22
const locatorSize = 20
const end64Size = 56
const full16 = 0xffff
const full32 = 0xffffffff

/** The entries in the order in which they lie. Throws 400 for what is no such archive, 413 beyond a limit. */
export async function readZipDirectory(file: SeekableFile, limits: ZipLimits): Promise<readonly ZipEntry[]> {
  const end = await readEnd(file)
  if (end.count > limits.entries) throw tooLarge(`the archive has more than ${limits.entries} entries`)
  if (end.size > limits.bytes) throw tooLarge('the directory of the archive is too large')
  if (end.start + end.size !== end.behind)
    throw broken('its directory does not end where its end record begins')
  const bytes = end.size === 0 ? Buffer.alloc(0) : await readAt(file, end.start, end.size)
  const entries: PlacedEntry[] = []
  const names = new Set<string>()
  const patience = new Patience()
  for (let at = 0; at < bytes.length;) {
    if (entries.length === end.count) throw otherCount()
    const { entry, length } = readEntry(bytes, at)
    refuseEqualNames(entry, names)
    entries.push(entry)
    at += length
    await patience.letOthersGo()
  }
  if (entries.length !== end.count) throw otherCount()
  const sorted = await sortInTurns(entries, (a, b) => a.offset - b.offset)
  for (const [at, entry] of sorted.entries()) entry.next = sorted[at + 1]?.offset ?? end.start
  return sorted
}

/** `next` is known when all are. */
type PlacedEntry = Omit<ZipEntry, 'next'> & { next: number }

const otherCount = () => broken('its directory has another number of entries than it says')

/** Exactly these bytes. Throws 400 where the file has fewer. */
export async function readAt(file: SeekableFile, start: number, length: number): Promise<Buffer> {
  if (start < 0 || start + length > file.size) throw broken('it points to bytes outside of itself')
  const chunks: Uint8Array[] = []
  for await (const chunk of file.open({ start, end: start + length - 1 })) chunks.push(chunk)
  return Buffer.concat(chunks)
}

export const broken = (what: string) => invalid(`the archive is not a clean ZIP file: ${what}`)

interface End {
  readonly start: number
  readonly size: number
  readonly count: number
  /** Where what follows the directory begins. */
  readonly behind: number
}

async function readEnd(file: SeekableFile): Promise<End> {
  if (file.size < endSize) throw broken('it is too short')
  const length = Math.min(file.size, endSize + locatorSize + end64Size)
  const tail = await readAt(file, file.size - length, length)
  const at = tail.length - endSize
  if (tail.readUInt32LE(at) !== 0x06054b50 || tail.readUInt16LE(at + 20) !== 0)
    throw broken('it does not end with its end record (or has a comment)')
  const end = {
    start: tail.readUInt32LE(at + 16),
    size: tail.readUInt32LE(at + 12),
    count: tail.readUInt16LE(at + 10),
    behind: file.size - endSize,
  }
  if (tail.readUInt16LE(at + 4) !== 0 || tail.readUInt16LE(at + 6) !== 0) throw broken('it has several disks')
  if (tail.readUInt16LE(at + 8) !== end.count) throw broken('it has several disks')
  const locator = at - locatorSize
  if (locator >= 0 && tail.readUInt32LE(locator) === 0x07064b50)
    return readEnd64(tail, locator, file.size - length, end)
  if (end.start === full32 || end.size === full32 || end.count === full16)
    throw broken('its ZIP64 record is missing')
  return end
}

/** ZIP64: the record stands right before its locator, and says the same where both say something. */
function readEnd64(tail: Buffer, locator: number, tailStart: number, short: End): End {
  const at = locator - end64Size
  if (at < 0 || tail.readUInt32LE(at) !== 0x06064b50)
    throw broken('its ZIP64 record is not where it should be')
  const behind = tailStart + at
  if (number64(tail, locator + 8) !== behind || number64(tail, at + 4) !== end64Size - 12)
    throw broken('its ZIP64 record is not where it should be')
  const disks = [tail.readUInt32LE(locator + 4), tail.readUInt32LE(at + 16), tail.readUInt32LE(at + 20)]
  const isOne = disks.every((disk) => disk === 0) && tail.readUInt32LE(locator + 16) === 1
  const count = number64(tail, at + 32)
  if (!isOne || number64(tail, at + 24) !== count) throw broken('it has several disks')
  const end = { start: number64(tail, at + 48), size: number64(tail, at + 40), count, behind }
  const agrees = (value: number, said: number, full: number) => said === full || said === value
  if (
    !agrees(end.start, short.start, full32) ||
    !agrees(end.size, short.size, full32) ||
    !agrees(count, short.count, full16)
  )
    throw broken('its two end records contradict each other')
  return end
}

function number64(bytes: Buffer, at: number): number {
  const value = bytes.readBigUInt64LE(at)
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw broken('it has an impossible size')
  return Number(value)
}

function readEntry(bytes: Buffer, at: number): { entry: PlacedEntry; length: number } {
  if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== 0x02014b50) throw broken('its directory is broken')
  const [nameLength, extraLength] = [bytes.readUInt16LE(at + 28), bytes.readUInt16LE(at + 30)]
  const commentLength = bytes.readUInt16LE(at + 32)
  const length = 46 + nameLength + extraLength + commentLength
  if (at + length > bytes.length) throw broken('its directory is broken')
  if (commentLength > 0) throw broken('an entry has a comment')
  const rawName = bytes.subarray(at + 46, at + 46 + nameLength)
  const extra = bytes.subarray(at + 46 + nameLength, at + length)
  const flags = bytes.readUInt16LE(at + 8)
  const method = bytes.readUInt16LE(at + 10)
  if ((flags & ~allowedFlags) !== 0) throw broken('an entry is encrypted or has unknown flags')
  if (method !== stored && method !== deflated) throw broken(`an entry is compressed by method ${method}`)
  const [size, packedSize, offset] = readSizes(
    [bytes.readUInt32LE(at + 24), bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 42)],
    extra,
  ) as [number, number, number]
  const disk = bytes.readUInt16LE(at + 34)
  if (disk !== 0) throw broken('it has several disks')
  const name = readName(rawName, flags)
  if (name.endsWith('/') && (size > 0 || packedSize > 2)) throw broken('a directory has content')
  if (method === stored && size !== packedSize) throw broken('a stored entry has two sizes')
  const crc32 = bytes.readUInt32LE(at + 16)
  return { entry: { name, rawName, flags, method, crc32, packedSize, size, offset, next: 0 }, length }
}

/** Fields of 32 bits, those that are full being replaced by ZIP64's (extra field 1), in their order. */
export function readSizes(short: readonly number[], extra: Buffer): number[] {
  const long = extraField(extra, 0x0001)
  let at = 0
  const sizes = short.map((value) => {
    if (value !== full32) return value
    if (!long || at + 8 > long.length) throw broken('an entry lacks its ZIP64 sizes')
    at += 8
    return number64(long, at - 8)
  })
  return sizes
}

/** Checks that the extra fields fill their place, and gives one of them. One that renames the entry is refused. */
function extraField(extra: Buffer, wanted: number): Buffer | undefined {
  let found: Buffer | undefined
  for (let at = 0; at < extra.length;) {
    if (at + 4 > extra.length) throw broken('the extra fields of an entry are broken')
    const [id, length] = [extra.readUInt16LE(at), extra.readUInt16LE(at + 2)]
    if (at + 4 + length > extra.length) throw broken('the extra fields of an entry are broken')
    if (id === 0x7075) throw broken('an entry has a second name')
    if (id === wanted) {
      if (found) throw broken('an entry has an extra field twice')
      found = extra.subarray(at + 4, at + 4 + length)
    }
    at += 4 + length
  }
  return found
}

const maxName = 1024
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
// oxlint-disable-next-line no-control-regex
const unsafeName = /[\u0000-\u001f\u007f\\]|^[A-Za-z]:/

function readName(raw: Buffer, flags: number): string {
  const isPlain = raw.every((byte) => byte < 0x80)
  if (!isPlain && (flags & isUtf8) === 0) throw broken('the name of an entry has no declared encoding')
  let name
  try {
    name = utf8.decode(raw)
  } catch {
    throw broken('the name of an entry is not UTF-8')
  }
  const segments = (name.endsWith('/') ? name.slice(0, -1) : name).split('/')
  if (name.length > maxName || unsafeName.test(name)) throw unsafe(name)
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) throw unsafe(name)
  return name
}

const unsafe = (name: string) =>
  broken(`the name ${JSON.stringify(name.slice(0, 100))} is not safe to unpack`)

function refuseEqualNames({ name }: PlacedEntry, names: Set<string>): void {
  const bare = name.endsWith('/') ? name.slice(0, -1) : name
  if (names.has(bare)) throw broken(`it has two entries ${JSON.stringify(bare.slice(0, 100))}`)
  names.add(bare)
}
