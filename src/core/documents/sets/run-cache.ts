/** Compressed runs in memory: what was made, stored or read lately. */
import { LRUCache } from 'lru-cache'
import type { Db } from '../../../database/database.ts'
import { findRuns, readRuns, type StoredRun } from '../../records/index-runs.ts'

export interface RunCache {
  /** Those of these runs that are stored, by the digest of their text. */
  find(db: Db, sha256s: readonly string[]): Promise<ReadonlyMap<string, StoredRun>>
  /** Stored runs by their numbers. Throws where one is stored no more. */
  read(db: Db, ids: readonly number[]): Promise<StoredRun[]>
  add(run: StoredRun): void
  /** Memory in use. */
  bytes(): number
}

/** Keeps at most `maxBytes`. */
export function createRunCache(maxBytes: number): RunCache {
  const kept = new LRUCache<number, StoredRun>({
    maxSize: Math.max(1, maxBytes),
    sizeCalculation: (run) => run.gzip.length + run.zstd.length + 300,
    dispose: (run) => {
      if (numbers.get(run.sha256) === run.id) numbers.delete(run.sha256)
    },
  })
  const numbers = new Map<string, number>()
  function add(run: StoredRun): void {
    numbers.set(run.sha256, run.id)
    kept.set(run.id, run)
  }
  return {
    add,
    bytes: () => kept.calculatedSize,
    async find(db, sha256s) {
      const found = new Map<string, StoredRun>()
      const missing: string[] = []
      for (const sha256 of sha256s) {
        const run = kept.get(numbers.get(sha256) ?? -1)
        if (run) found.set(sha256, run)
        else missing.push(sha256)
      }
      for (const run of await findRuns(db, missing)) {
        add(run)
        found.set(run.sha256, run)
      }
      return found
    },
    async read(db, ids) {
      const missing = ids.filter((id) => !kept.has(id))
      const read = new Map((await readRuns(db, missing)).map((run) => [run.id, run]))
      for (const run of read.values()) add(run)
      return ids.map((id) => {
        const run = read.get(id) ?? kept.get(id)
        if (!run) throw new Error(`run ${id} of an index is stored no more`)
        return run
      })
    },
  }
}
