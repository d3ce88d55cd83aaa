/**
 * Counters and histograms that cost a request next to nothing: plain numbers in memory, put into Prometheus' words only
 * when somebody reads them.
 */

/** As prom-client's `getMetricsAsJSON` gives a metric, so that both can be joined and written in one go. */
export interface Family {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly values: readonly Sample[]
  /** How the values of several processes become one. */
  readonly aggregator: 'sum' | 'first' | 'max'
}
export interface Sample {
  readonly value: number
  readonly labels: Readonly<Record<string, string | number>>
  /** Left out: the family's own. */
  readonly metricName?: string
}

export interface Counter {
  /** Labels in the order in which they were named; each must come from a small set. */
  add(amount: number, ...labels: readonly string[]): void
  /** What is added to with these labels, for those who add often. */
  of(...labels: readonly string[]): { value: number }
}
export interface Histogram {
  /** In the unit of the buckets. */
  observe(value: number, ...labels: readonly string[]): void
  /** What observes with these labels, for those who observe often. */
  of(...labels: readonly string[]): (value: number) => void
}
export interface Instruments {
  counter(name: string, help: string, labelNames?: readonly string[]): Counter
  /** `bounds` ascending; what is above the last one is counted, too. */
  histogram(name: string, help: string, labelNames: readonly string[], bounds: readonly number[]): Histogram
  /** Everything as it stands now. */
  families(): Family[]
}

/** Makes an empty set of instruments. */
export function createInstruments(): Instruments {
  const all: (() => Family)[] = []
  return {
    counter(name, help, labelNames = []) {
      const cells = createCells(labelNames, () => ({ value: 0 }))
      all.push(() => ({
        name,
        help,
        type: 'counter',
        aggregator: 'sum',
        values: cells.list().map(({ labels, cell }) => ({ labels, value: cell.value })),
      }))
      return {
        add(amount, ...labels) {
          cells.of(labels).value += amount
        },
        of: (...labels) => cells.of(labels),
      }
    },
    histogram(name, help, labelNames, bounds) {
      const cells = createCells(labelNames, () => ({ sum: 0, counts: bounds.map(() => 0), above: 0 }))
      all.push(() => ({
        name,
        help,
        type: 'histogram',
        aggregator: 'sum',
        values: cells.list().flatMap(({ labels, cell }) => histogramSamples(name, labels, bounds, cell)),
      }))
      const observer = (...labels: readonly string[]) => {
        const cell = cells.of(labels)
        return (value: number) => observe(cell, bounds, value)
      }
      return {
        observe: (value, ...labels) => observe(cells.of(labels), bounds, value),
        of: observer,
      }
    },
    families: () => all.map((family) => family()),
  }
}

interface Cells<T> {
  of(labels: readonly string[]): T
  list(): { readonly labels: Readonly<Record<string, string>>; readonly cell: T }[]
}

/** One cell for each combination of labels that was seen. */
function createCells<T>(labelNames: readonly string[], empty: () => T): Cells<T> {
  const cells = new Map<string, { readonly labels: readonly string[]; readonly cell: T }>()
  return {
    of(labels) {
      const key = labels.length === 1 ? labels[0]! : labels.join('\n')
      let found = cells.get(key)
      if (!found) {
        found = { labels, cell: empty() }
        cells.set(key, found)
      }
      return found.cell
    },
    list: () =>
      [...cells.values()].map(({ labels, cell }) => ({
        labels: Object.fromEntries(labelNames.map((name, at) => [name, labels[at] ?? ''])),
        cell,
      })),
  }
}

interface HistogramCell {
  sum: number
  /** Of each bucket alone. */
  readonly counts: number[]
  above: number
}

function observe(cell: HistogramCell, bounds: readonly number[], value: number): void {
  cell.sum += value
  let at = 0
  while (at < bounds.length && value > bounds[at]!) at += 1
  if (at === bounds.length) cell.above += 1
  else cell.counts[at]! += 1
}

function histogramSamples(
  name: string,
  labels: Readonly<Record<string, string>>,
  bounds: readonly number[],
  { sum, counts, above }: HistogramCell,
): Sample[] {
  const samples: Sample[] = []
  let count = 0
  for (const [at, bound] of bounds.entries()) {
    count += counts[at]!
    samples.push({ metricName: `${name}_bucket`, labels: { ...labels, le: bound }, value: count })
  }
  count += above
  return [
    ...samples,
    { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: count },
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ]
}
