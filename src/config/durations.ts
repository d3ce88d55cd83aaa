const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
const durationRule = /^(\d{1,9}(?:\.\d{1,6})?) ?(ms|s|m|h)?$/
/** Timers of Node take no more than 32 bits. */
const longest = 2 ** 31 - 1

/**
 * Milliseconds, from a number of seconds or a text such as '30s', '5m', '1h', '500ms'; undefined: it is no
 * duration, or not above zero, or longer than `most` (24 days, where it is not said).
 */
export function parseDuration(value: unknown, most = longest): number | undefined {
  const match = durationRule.exec(
    typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '',
  )
  if (!match) return undefined
  const milliseconds = Math.round(Number(match[1]) * units[match[2] ?? 's']!)
  return milliseconds > 0 && milliseconds <= most ? milliseconds : undefined
}
