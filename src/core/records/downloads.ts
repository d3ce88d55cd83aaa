import type { Database } from '../../database/database.ts'

/** When packages were last downloaded: noted in memory, so that a download writes nothing. */
export interface Downloads {
  note(packageId: number, now: number): void
  /** Writes what was noted since the last time, in one transaction. */
  flush(database: Database): Promise<void>
}

/** A flood of different packages is not worth more memory than this many. */
const mostNoted = 100_000

export function createDownloads(): Downloads {
  let noted = new Map<number, number>()
  return {
    note(packageId, now) {
      if (noted.size < mostNoted || noted.has(packageId)) noted.set(packageId, now)
    },
    async flush(database) {
      if (noted.size === 0) return
      const batch = noted
      noted = new Map()
      await database.write(async (db) => {
        for (const [id, at] of batch) {
          await db.updateTable('packages').set({ last_downloaded_at: at }).where('id', '=', id).execute()
        }
      })
    },
  }
}
