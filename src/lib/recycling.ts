import type { Readable } from 'node:stream'

/**
 * A stream that takes its pieces back once nobody needs their bytes any more, and fills them again: fresh memory for
 * every piece costs more than reading it. Whoever gives no piece back gets a new one each time.
 */
export interface RecyclingStream extends Readable {
  recycle(piece: Uint8Array): void
}

/** Gives pieces of `source` back to it; undefined where it takes none. */
export function recyclerOf(source: Readable): ((piece: Uint8Array) => void) | undefined {
  return 'recycle' in source ? (piece) => (source as RecyclingStream).recycle(piece) : undefined
}
