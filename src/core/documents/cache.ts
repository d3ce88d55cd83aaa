import { LRUCache } from 'lru-cache'
import type { RenderedDocument } from './rendered.ts'

/** Rendered documents, kept compressed in memory. Everything in it can be thrown away and rendered again. */
export interface DocumentCache {
  /**
   * The document under `key` if it was rendered from the state that `stamp` names, otherwise what `render` gives.
   * Callers who ask for the same state at the same time share one rendering.
   */
  get(key: string, stamp: string, render: () => Promise<RenderedDocument>): Promise<RenderedDocument>
  /** How often something was rendered; guarded by CI. */
  readonly counts: { renders: number }
  /** Memory in use. */
  bytes(): number
}

interface Kept {
  readonly stamp: string
  /** Bytes. */
  readonly weight: number
  /** Settled, and handed out again as it is. */
  readonly document: Promise<RenderedDocument>
}

/** Keeps at most `maxBytes`. */
export function createDocumentCache(maxBytes: number): DocumentCache {
  const kept = new LRUCache<string, Kept>({
    maxSize: Math.max(1, maxBytes),
    sizeCalculation: (entry, key) => entry.weight + key.length + 200,
  })
  const rendering = new Map<string, Promise<RenderedDocument>>()
  const counts = { renders: 0 }
  return {
    counts,
    bytes: () => kept.calculatedSize,
    get(key, stamp, render) {
      const hit = kept.get(key)
      if (hit?.stamp === stamp) return hit.document
      const flight = `${key}\n${stamp}`
      let pending = rendering.get(flight)
      if (!pending) {
        counts.renders += 1
        pending = render()
          .then((document) => {
            kept.set(key, { stamp, weight: document.weight, document: Promise.resolve(document) })
            return document
          })
          .finally(() => rendering.delete(flight))
        rendering.set(flight, pending)
      }
      return pending
    },
  }
}
