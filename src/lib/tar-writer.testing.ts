/** Writes tape archives for tests, clean ones and others. */
export interface WrittenTarEntry {
  readonly name: string
  readonly content?: string | Uint8Array
  /** Default: '0', a file. */
  readonly type?: string
  readonly link?: string
  /** What the header says instead of the content's length. */
  readonly size?: number
}

/** The bytes of an archive, with two blocks of zeros at its end. */
export function writeTar(entries: readonly WrittenTarEntry[]): Buffer {
  return Buffer.concat([...entries.map(writeEntry), Buffer.alloc(1024)])
}

function writeEntry({ name, content = '', type = '0', link = '', size }: WrittenTarEntry): Buffer {
  const bytes = Buffer.from(content as string)
  const header = Buffer.alloc(512)
  header.write(name.slice(0, 100), 0)
  header.write('0000644\0', 100)
  header.write(`${(size ?? bytes.length).toString(8).padStart(11, '0')}\0`, 124)
  header.write('        ', 148)
  header.write(type, 156)
  header.write(link, 157)
  header.write('ustar\u000000', 257)
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
