/** Archives of small files: `.tgz` as npm makes them (POSIX ustar) and `.jar` (ZIP, stored), the same bytes each time. */
import { crc32, gzipSync } from 'node:zlib'

export type Files = Readonly<Record<string, string | Uint8Array>>

const block = 512
const epoch = 1_700_000_000

/** Paths of up to 100 bytes. */
export function tgz(files: Files): Buffer {
  const parts = Object.entries(files).flatMap(([path, content]) => {
    const bytes = Buffer.from(content)
    return [tarHeader(path, bytes.length), bytes, Buffer.alloc(-bytes.length & (block - 1))]
  })
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(2 * block)]), { level: 1 })
}

function tarHeader(path: string, size: number): Buffer {
  const header = Buffer.alloc(block)
  const octal = (value: number, at: number, digits: number) =>
    header.write(value.toString(8).padStart(digits - 1, '0'), at, 'latin1')
  header.write(path, 0)
  octal(0o644, 100, 8)
  octal(0, 108, 8)
  octal(0, 116, 8)
  octal(size, 124, 12)
  octal(epoch, 136, 12)
  header.write('        0', 148)
  header.write('ustar\u000000', 257, 'latin1')
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\u0000 `, 148, 'latin1')
  return header
}

export function jar(files: Files): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [path, content] of Object.entries(files)) {
    const bytes = Buffer.from(content)
    const name = Buffer.from(path)
    const sums = Buffer.alloc(12)
    sums.writeUInt32LE(crc32(bytes), 0)
    sums.writeUInt32LE(bytes.length, 4)
    sums.writeUInt32LE(bytes.length, 8)
    // Version 2.0, no flags, stored, 1980-01-01.
    const shared = Buffer.concat([
      Buffer.from([20, 0, 0, 0, 0, 0, 0, 0, 33, 0]),
      sums,
      u16(name.length),
      u16(0),
    ])
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), shared, name, bytes])
    const place = Buffer.concat([u16(0), u16(0), u16(0), u32(0), u32(offset)])
    directory.push(Buffer.concat([Buffer.from('PK\u0001\u0002'), u16(20), shared, place, name]))
    locals.push(local)
    offset += local.length
  }
  const index = Buffer.concat(directory)
  const counts = [u16(0), u16(0), u16(directory.length), u16(directory.length)]
  const end = [Buffer.from('PK\u0005\u0006'), ...counts, u32(index.length), u32(offset), u16(0)]
  return Buffer.concat([...locals, index, ...end])
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
