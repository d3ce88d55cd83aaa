const units: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
}
const sizeRule = /^(\d{1,16}(?:\.\d{1,6})?) ?([a-z]{1,3})?$/i

/** Bytes, from a number or a text such as '5GB' (powers of 1000) or '500MiB' (of 1024); undefined: it is no size. */
export function parseSize(value: unknown): number | undefined {
  const match = sizeRule.exec(
    typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '',
  )
  if (!match) return undefined
  const factor = units[(match[2] ?? 'b').toLowerCase()]
  if (factor === undefined) return undefined
  const bytes = Number(match[1]) * factor
  if (factor === 1 && !Number.isInteger(bytes)) return undefined
  return Number.isSafeInteger(Math.round(bytes)) ? Math.round(bytes) : undefined
}
