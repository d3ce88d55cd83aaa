/** The Range header (RFC 9110 section 14): one byte range; anything else is answered with the whole. */
import type { ByteRange } from './content.ts'

const single = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i

/**
 * The range asked for within `size` bytes, clamped to them; 'unsatisfiable' is a 416; undefined means: send everything
 * (no header, several ranges, another unit, a range that makes no sense).
 */
export function parseRange(
  header: string | undefined,
  size: number,
): ByteRange | 'unsatisfiable' | undefined {
  const found = header === undefined ? null : single.exec(header)
  if (!found) return undefined
  const [, first = '', last = ''] = found
  if (first === '') return last === '' ? undefined : suffix(Number(last), size)
  const start = Number(first)
  if (last !== '' && Number(last) < start) return undefined
  if (start >= size) return 'unsatisfiable'
  return { start, end: last === '' ? size - 1 : Math.min(Number(last), size - 1) }
}

function suffix(length: number, size: number): ByteRange | 'unsatisfiable' {
  if (length === 0 || size === 0) return 'unsatisfiable'
  return { start: Math.max(0, size - length), end: size - 1 }
}
