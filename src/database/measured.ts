import type { KyselyPlugin, QueryId } from 'kysely'
import type { Database, Db } from './database.ts'

/** Hears how long the database took for a single read, a snapshot, a transaction (with its wait) or a look for changes. */
export type DatabaseListener = (operation: 'read' | 'snapshot' | 'write', seconds: number) => void

/** The same database, whose work is told to `heard`. */
export function measuredDatabase(database: Database, heard: DatabaseListener): Database {
  async function measured<T>(operation: 'snapshot' | 'write', work: () => Promise<T>): Promise<T> {
    const began = performance.now()
    try {
      return await work()
    } finally {
      heard(operation, secondsSince(began))
    }
  }
  return {
    ...database,
    read: database.read.withPlugin(timing((seconds) => heard('read', seconds))) as Db,
    snapshot: (work) => measured('snapshot', () => database.snapshot(work)),
    write: (...write: Parameters<Database['write']>) =>
      measured('write', () => database.write(...write)) as never,
  }
}

const secondsSince = (began: number) => (performance.now() - began) / 1000

/** From the query's being built to its result. One that fails is forgotten with its id. */
function timing(heard: (seconds: number) => void): KyselyPlugin {
  const began = new WeakMap<QueryId, number>()
  return {
    transformQuery({ node, queryId }) {
      began.set(queryId, performance.now())
      return node
    },
    async transformResult({ result, queryId }) {
      const since = began.get(queryId)
      if (since !== undefined) heard(secondsSince(since))
      return result
    },
  }
}
