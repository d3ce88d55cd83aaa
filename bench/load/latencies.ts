const binsPerMillisecond = 100
const mostMilliseconds = 2000

/** Durations counted in bins of 10 microseconds: no array grows while something is measured. */
export interface Latencies {
  add(milliseconds: number): void
  /** The duration that this share (0 to 1) of all does not exceed, in milliseconds; 0 if there are none. */
  percentile(share: number): number
}

export function createLatencies(): Latencies {
  const bins = new Uint32Array(binsPerMillisecond * mostMilliseconds + 1)
  let count = 0
  return {
    add(milliseconds) {
      const bin = Math.min(bins.length - 1, Math.floor(milliseconds * binsPerMillisecond))
      bins[bin]! += 1
      count += 1
    },
    percentile(share) {
      let left = count * share
      if (count === 0) return 0
      for (const [bin, inBin] of bins.entries()) {
        left -= inBin
        if (left <= 0) return (bin + 1) / binsPerMillisecond
      }
      return mostMilliseconds
    },
  }
}
