/** Turns measurements into one table. */

/** One side of a row: a rate in the row's unit, and what else is known of it. */
export interface Side {
  readonly rate: number
  /** Milliseconds. */
  readonly p99?: number
  /** Processor seconds of the server for each request. */
  readonly cost?: number
  /** Processor seconds of the load process for each second; from about 0.95 on, it is the limit. */
  readonly generatorShare?: number
}

export interface Row {
  readonly name: string
  readonly unit: string
  readonly ours: Side
  /** What ours is held against; left out: nothing. */
  readonly peer?: Side & { readonly name: string }
  /** ours / peer. */
  readonly ratio?: number
  /** What a request with a token costs, over one without, both in processor time. */
  readonly tokenCost?: number
  /** A ratio under this is a failure in CI: something is broken rather than slow. Default 0.1. */
  readonly floor?: number
}

/** The middle one; of an even number, the lower of the two in the middle. Throws if there are none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted[Math.floor((sorted.length - 1) / 2)]
  if (middle === undefined) throw new Error('nothing was measured')
  return middle
}

const columns: readonly (readonly [title: string, text: (row: Row) => string])[] = [
  ['', (row) => row.name],
  ['unit', (row) => row.unit],
  ['ours', (row) => amount(row.ours.rate)],
  ['peer', (row) => amount(row.peer?.rate)],
  ['ratio', (row) => fixed(row.ratio)],
  ['ratio by cpu', (row) => fixed(costRatio(row))],
  ['token / none', (row) => fixed(row.tokenCost)],
  ['p99 ms', (row) => fixed(row.ours.p99)],
  ['peer p99', (row) => fixed(row.peer?.p99)],
  ['load cpu', (row) => [row.ours, row.peer].map((side) => fixed(side?.generatorShare)).join(' ')],
  ['peer is', (row) => row.peer?.name ?? ''],
]

/** A table in plain text, one line a row. */
export function table(rows: readonly Row[]): string {
  const lines = [columns.map(([title]) => title), ...rows.map((row) => columns.map(([, text]) => text(row)))]
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]!.length)))
  const isText = (index: number) => index < 2 || index === columns.length - 1
  return lines
    .map((line) =>
      line
        .map((cell, index) => (isText(index) ? cell.padEnd(widths[index]!) : cell.padStart(widths[index]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** What the peer spends on a request, over what we spend: tells more than rates where the load process is the limit. */
export function costRatio({ ours, peer }: Row): number | undefined {
  return ours.cost && peer?.cost ? peer.cost / ours.cost : undefined
}

const fixed = (value: number | undefined) => value?.toFixed(2) ?? ''
const amount = (value: number | undefined) =>
  value === undefined ? '' : value >= 100 ? String(Math.round(value)) : value.toFixed(1)
