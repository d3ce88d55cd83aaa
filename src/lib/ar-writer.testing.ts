/** Writes ar archives for tests, clean ones and others. */
import { arMagic } from './ar.ts'

export interface WrittenArEntry {
  readonly name: string
  readonly content?: string | Uint8Array
  /** What the header says instead of the content's length. */
  readonly size?: number | string
  /** What ends the header instead of a grave accent and a line feed. */
  readonly end?: string
}

/** The bytes of an archive. */
export function writeAr(entries: readonly WrittenArEntry[]): Buffer {
  return Buffer.concat([Buffer.from(arMagic), ...entries.map(writeEntry)])
}

function writeEntry({ name, content = '', size, end = '`\n' }: WrittenArEntry): Buffer {
  const bytes = Buffer.from(content as string)
  const numbers = `${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}`
  const header = `${name.padEnd(16)}${numbers}${String(size ?? bytes.length).padEnd(10)}${end}`
  return Buffer.concat([Buffer.from(header, 'latin1'), bytes, Buffer.from('\n'.repeat(bytes.length % 2))])
}
