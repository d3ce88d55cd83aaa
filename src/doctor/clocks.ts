import { ok, problem, warning, type Finding } from './finding.ts'

const tolerableMs = 2_000
const badMs = 30_000

/** Expiry of tokens, leases and signatures go by the clock. */
export function judgeSkew(about: string, name: string, skewMs: number): Finding {
  if (skewMs < tolerableMs) return ok(about, name)
  const words = `${name}: its clock and the one of this machine differ by ${Math.round(skewMs / 1000)} s`
  const advice = 'let both follow a time server (NTP)'
  return skewMs < badMs ? warning(about, words, advice) : problem(about, words, advice)
}
