/** Accept-Encoding (RFC 9110 section 12.5.3), for the two codings documents are kept in. */
import { remember } from '../lib/remember.ts'

export type Encoding = 'gzip' | 'identity'

/**
 * Picks gzip where the client takes it at least as gladly as plain bytes. Without a header, or where neither is
 * acceptable, plain bytes: every client reads those.
 */
export function chooseEncoding(header: string | undefined): Encoding {
  if (!header) return 'identity'
  return choose(header)
}

const choose = remember((header): Encoding => {
  let gzip: number | undefined
  let identity: number | undefined
  let any: number | undefined
  for (const item of header.split(',')) {
    const [name = '', ...parameters] = item.split(';')
    const quality = qualityOf(parameters)
    const coding = name.trim().toLowerCase()
    if (coding === 'gzip' || coding === 'x-gzip') gzip = Math.max(gzip ?? 0, quality)
    else if (coding === 'identity') identity = quality
    else if (coding === '*') any = quality
  }
  const gzipQuality = gzip ?? any ?? 0
  return gzipQuality > 0 && gzipQuality >= (identity ?? 0) ? 'gzip' : 'identity'
})

/** 0 to 1; a value that cannot be read counts as a refusal. */
function qualityOf(parameters: readonly string[]): number {
  for (const parameter of parameters) {
    const found = /^\s*q\s*=\s*(.*?)\s*$/i.exec(parameter)
    if (found) return /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(found[1]!) ? Number(found[1]) : 0
  }
  return 1
}
