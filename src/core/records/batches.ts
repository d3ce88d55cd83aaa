/** Rows or ids of one statement: engines bound the number of its parameters. */
const atOnce = 500

/** The items, so many at a time as one statement may take. */
export function* inBatches<T>(items: readonly T[], some = atOnce): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += some) yield items.slice(at, at + some)
}
