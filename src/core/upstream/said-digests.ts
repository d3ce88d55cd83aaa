import { LRUCache } from 'lru-cache'
import type { Digests } from '../../formats/format.ts'
import type { FileDigests } from './read-documents.ts'

/** What documents of upstreams said of their files: who reads about a name fetches one of its files next. */
export interface SaidDigests {
  add(upstreamId: number, name: string, files: FileDigests): void
  get(upstreamId: number, name: string, path: string): Digests | undefined
}

/** Some four hundred bytes each. */
const mostFiles = 30_000

/** The words of the newest documents. */
export function createSaidDigests(): SaidDigests {
  const documents = new LRUCache<string, ReadonlyMap<string, Digests>>({
    maxSize: mostFiles,
    sizeCalculation: (files) => files.size + 1,
  })
  const keyOf = (upstreamId: number, name: string) => `${upstreamId} ${name}`
  return {
    add: (upstreamId, name, files) => void documents.set(keyOf(upstreamId, name), new Map(files)),
    get: (upstreamId, name, path) => documents.get(keyOf(upstreamId, name))?.get(path),
  }
}
