/** How stored bytes are looked after: the keys beside `storage_path`. */
import { parseDuration } from './durations.ts'
import { parsed, setting } from './settings.ts'
import { parseSize } from './sizes.ts'

/** How much of a disk stays free: both hold. */
export interface MinFree {
  readonly bytes: number
  /** Of the whole disk, from 0 to 1. */
  readonly share: number
}

const percentRule = /^(\d{1,3}(?:\.\d{1,6})?) ?%$/

/** A share from 0 to 1, from a text such as '2%'; undefined: it is none. */
export function parsePercent(value: unknown): number | undefined {
  const match = typeof value === 'string' ? percentRule.exec(value) : undefined
  const percent = match ? Number(match[1]) : Infinity
  return percent <= 100 ? percent / 100 : undefined
}

/** From '1GB', '2%', or both with a comma between; 0: nothing. */
export function parseMinFree(value: unknown): MinFree | undefined {
  let bytes = 0
  let share = 0
  for (const part of String(value)
    .split(',')
    .map((text) => text.trim())) {
    const percent = parsePercent(part)
    const size = percent === undefined ? parseSize(part) : 0
    if (size === undefined) return undefined
    bytes = Math.max(bytes, size)
    share = Math.max(share, percent ?? 0)
  }
  return { bytes, share }
}

const wait = parsed("0, a number of seconds, or a duration such as '5m' or '1h'", (value) =>
  String(value) === '0' ? 0 : parseDuration(value),
)
const share = parsed("a share such as '1%', from '0%' to '100%'", parsePercent)
const minFree = parsed("0, a size such as '1GB', a share such as '2%', or both: '1GB, 2%'", parseMinFree)

/** Part of the shape of `packages`. */
export const storageCareKeys = {
  collect_after: setting(wait, '1h', 'How long bytes stay stored after their last file went for good.'),
  min_free: setting(
    minFree,
    '1GB, 2%',
    'Below this, on the disk of the packages or of the database, nothing is published; reading goes on.',
  ),
  verify_reads: setting(
    share,
    '1%',
    'How many of the downloads are compared with their digest on the way out, and broken off if they differ.',
  ),
}
