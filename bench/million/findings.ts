/** What was measured, held against what is allowed. */

export interface Finding {
  readonly name: string
  readonly unit: string
  readonly found: number
  /** At most this much; left out: told only. */
  readonly limit?: number
  /** What else tells about it. */
  readonly detail?: string
}

/** The value that this share (0 to 1) of all does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}

export const isTooMuch = ({ found, limit }: Finding) => limit !== undefined && !(found <= limit)

/** Other load on the machine comes and goes, so what is too much is measured again. */
const tries = 3

/** The best of a few tries; the first one that is not too much. */
export async function bestOf(measure: (attempt: number) => Promise<Finding>): Promise<Finding> {
  let best = await measure(0)
  for (let attempt = 1; attempt < tries && isTooMuch(best); attempt++) {
    const next = await measure(attempt)
    if (next.found < best.found) best = next
  }
  return best
}

/** A line each. */
export function asTable(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ name }) => name.length))
  return findings
    .map((finding) => {
      const { name, unit, found, limit, detail } = finding
      const allowed = limit === undefined ? '' : `of ${limit}`
      const verdict = isTooMuch(finding) ? ' TOO MUCH' : ''
      return `${name.padEnd(width)}  ${found.toFixed(2).padStart(9)} ${allowed.padEnd(8)} ${unit}${verdict}${detail ? `  (${detail})` : ''}`
    })
    .join('\n')
}
