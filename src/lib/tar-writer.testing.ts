/** Writes tape archives for tests, clean ones and others. */
export interface WrittenTarEntry {
  readonly name: string
  readonly content?: string | Uint8Array
  /** Default: '0', a file. */
  readonly type?: string
  readonly link?: string
  /** What the header says instead of the content's length. */
  readonly size?: number | string
  /** Default: of POSIX. */
  readonly magic?: string
  /** What stands before the name, behind a slash. */
  readonly prefix?: string
}

/** The bytes of an archive, with two blocks of zeros at its end. */
export function writeTar(entries: readonly WrittenTarEntry[]): Buffer {
  return Buffer.concat([...entries.map(writeEntry), Buffer.alloc(1024)])
}

function writeEntry({ name, content = '', type = '0', link = '', ...odd }: WrittenTarEntry): Buffer {
  const { size, magic = 'ustar\u000000', prefix = '' } = odd
  const bytes = Buffer.from(content as string)
  const sizeText = typeof size === 'string' ? size : (size ?? bytes.length).toString(8).padStart(11, '0')
  const header = Buffer.alloc(512)
  header.write(name.slice(0, 100), 0)
  header.write('0000644\0', 100)
  header.write(`${sizeText}\0`.slice(0, 12), 124, 'latin1')
  header.write('        ', 148)
  header.write(type, 156)
  header.write(link, 157)
  header.write(magic, 257)
  header.write(prefix, 345)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)])
}

/** A record of an extended header. */
export function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`
  let length = Buffer.byteLength(rest) + 1
  while (String(length).length + Buffer.byteLength(rest) !== length) length++
  return `${length}${rest}`
}
