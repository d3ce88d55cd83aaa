import type { Database, Db } from '../../database/database.ts'

/** When something was last used: noted in memory, so that a request that reads writes nothing. */
export interface NotedTimes {
  note(id: number, now: number): void
  /** Writes what was noted since the last time, in one transaction. */
  flush(database: Database): Promise<void>
}

/** A flood of different ones is not worth more memory than this many. */
const mostNoted = 100_000

/** Notes times that `write` brings to the record with the given id, which may be gone by then. */
function createNotedTimes(write: (db: Db, id: number, at: number) => Promise<unknown>): NotedTimes {
  let noted = new Map<number, number>()
  return {
    note(id, now) {
      if (noted.size < mostNoted || noted.has(id)) noted.set(id, now)
    },
    async flush(database) {
      if (noted.size === 0) return
      const batch = noted
      noted = new Map()
      await database.write(
        async (db) => {
          for (const [id, at] of batch) await write(db, id, at)
        },
        { beside: [] },
      )
    },
  }
}

/** When tokens were last used. */
export const createTokenUses = () =>
  createNotedTimes((db, id, at) =>
    db.updateTable('tokens').set({ last_used_at: at }).where('id', '=', id).execute(),
  )

/** When what is kept from upstream was last used. */
export const createUpstreamUses = () => ({
  files: createNotedTimes((db, id, at) => noteUse(db, 'upstream_files', id, at)),
  documents: createNotedTimes((db, id, at) => noteUse(db, 'upstream_documents', id, at)),
})

function noteUse(db: Db, table: 'upstream_files' | 'upstream_documents', id: number, at: number) {
  return db.updateTable(table).set({ last_used_at: at }).where('id', '=', id).execute()
}
