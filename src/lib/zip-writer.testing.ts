/** Writes ZIP archives for tests, clean ones and others. */
import { crc32, deflateRawSync } from 'node:zlib'

export interface WrittenEntry {
  readonly name: string
  readonly content: string | Uint8Array
  /** Default: deflated. */
  readonly stored?: boolean
  /** Sizes stand behind the data. */
  readonly descriptor?: boolean
  /** Sizes and places are written in ZIP64's extra field. */
  readonly zip64?: boolean
  /** What the local header says otherwise. */
  readonly localName?: string
  readonly flags?: number
  readonly method?: number
  /** What both headers say the unpacked size is. */
  readonly size?: number
  readonly crc?: number
  /** Bytes behind the packed data that count as packed. */
  readonly surplus?: string
}
export interface WrittenZip {
  readonly before?: string
  readonly between?: string
  readonly behind?: string
  readonly comment?: string
  readonly count?: number
}

const u16 = (...values: readonly number[]) => Buffer.concat(values.map((value) => number(value, 2)))
const u32 = (...values: readonly number[]) => Buffer.concat(values.map((value) => number(value, 4)))
const u64 = (...values: readonly number[]) => Buffer.concat(values.map((value) => number(value, 8)))

function number(value: number, bytes: number): Buffer {
  const written = Buffer.alloc(8)
  written.writeBigUInt64LE(BigInt(value))
  return written.subarray(0, bytes)
}

/** The bytes of an archive. */
export function writeZip(entries: readonly WrittenEntry[], odd: WrittenZip = {}): Buffer {
  const pieces: Buffer[] = [Buffer.from(odd.before ?? '')]
  const directory: Buffer[] = []
  let at = pieces[0]!.length
  const isLong = entries.some((entry) => entry.zip64)
  for (const [index, entry] of entries.entries()) {
    const written = [writeLocal(entry), Buffer.from(index === 0 ? (odd.between ?? '') : '')]
    directory.push(writeCentral(entry, at))
    pieces.push(...written)
    at += written.reduce((sum, piece) => sum + piece.length, 0)
  }
  const central = Buffer.concat(directory)
  const count = odd.count ?? entries.length
  const end = writeEnd({ start: at, size: central.length, count, comment: odd.comment ?? '', isLong })
  return Buffer.concat([...pieces, central, end, Buffer.from(odd.behind ?? '')])
}

function packed({ content, stored, surplus = '' }: WrittenEntry): Buffer {
  const bytes = stored ? Buffer.from(content as string) : deflateRawSync(content)
  return Buffer.concat([bytes, Buffer.from(surplus)])
}

function said(entry: WrittenEntry) {
  const content = Buffer.from(entry.content as string)
  return {
    flags: entry.flags ?? (entry.descriptor ? 0x808 : 0x800),
    method: entry.method ?? (entry.stored ? 0 : 8),
    crc: entry.crc ?? crc32(content),
    packedSize: packed(entry).length,
    size: entry.size ?? content.length,
  }
}

function writeLocal(entry: WrittenEntry): Buffer {
  const { flags, method, crc, packedSize, size } = said(entry)
  const name = Buffer.from(entry.localName ?? entry.name)
  const isLong = entry.zip64 === true && !entry.descriptor
  const extra = isLong ? Buffer.concat([u16(1, 16), u64(size, packedSize)]) : Buffer.alloc(0)
  const sizes = entry.descriptor
    ? [0, 0, 0]
    : isLong
      ? [crc, 0xffffffff, 0xffffffff]
      : [crc, packedSize, size]
  const header = [
    u32(0x04034b50),
    u16(20, flags, method, 0, 0x21),
    u32(...sizes),
    u16(name.length, extra.length),
  ]
  const behind = entry.zip64
    ? Buffer.concat([u32(0x08074b50, crc), u64(packedSize, size)])
    : u32(0x08074b50, crc, packedSize, size)
  const descriptor = entry.descriptor ? behind : Buffer.alloc(0)
  return Buffer.concat([...header, name, extra, packed(entry), descriptor])
}

function writeCentral(entry: WrittenEntry, offset: number): Buffer {
  const { flags, method, crc, packedSize, size } = said(entry)
  const name = Buffer.from(entry.name)
  const extra = entry.zip64 ? Buffer.concat([u16(1, 24), u64(size, packedSize, offset)]) : Buffer.alloc(0)
  const full = 0xffffffff
  const sizes = entry.zip64 ? [crc, full, full] : [crc, packedSize, size]
  return Buffer.concat([
    u32(0x02014b50),
    u16(20, 20, flags, method, 0, 0x21),
    u32(...sizes),
    u16(name.length, extra.length, 0, 0, 0),
    u32(0, entry.zip64 ? full : offset),
    name,
    extra,
  ])
}

interface Ending {
  readonly start: number
  readonly size: number
  readonly count: number
  readonly comment: string
  readonly isLong: boolean
}

function writeEnd({ start, size, count, comment, isLong }: Ending): Buffer {
  const long = Buffer.concat([
    u32(0x06064b50),
    u64(44),
    u16(45, 45),
    u32(0, 0),
    u64(count, count, size, start),
    u32(0x07064b50, 0),
    u64(start + size),
    u32(1),
  ])
  const short = isLong
    ? [u32(0x06054b50), u16(0, 0, 0xffff, 0xffff), u32(0xffffffff, 0xffffffff)]
    : [u32(0x06054b50), u16(0, 0, count, count), u32(size, start)]
  return Buffer.concat([isLong ? long : Buffer.alloc(0), ...short, u16(comment.length), Buffer.from(comment)])
}
