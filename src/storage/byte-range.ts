import type { ByteRange } from './blob-store.ts'

/** Throws `RangeError` for a stretch that is none. */
export function assertRange({ start, end }: ByteRange): void {
  const whole = Number.isSafeInteger(start) && (end === undefined || Number.isSafeInteger(end))
  if (!whole || start < 0 || (end !== undefined && end < start)) {
    throw new RangeError(`a stretch of bytes from ${start} to ${end} cannot be read`)
  }
}
