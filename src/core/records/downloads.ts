/** How often packages are downloaded: counted in memory, added to what the database has now and then. */
import type { Database, Db } from '../../database/database.ts'

export interface Downloads {
  /** Counts a download of a package's file. */
  note(packageId: number, now: number): void
  /** Adds what was counted since the last time. What cannot be written now is kept for the next time. */
  flush(database: Database): Promise<void>
}

interface Noted {
  count: number
  at: number
}

const dayMs = 86_400_000
/** A flood of different ones is not worth more memory than this many. */
const mostNoted = 100_000
const batch = 1000
/** Days are kept apart for so long, then added up. */
export const daysKept = 90
/** Stands for all days before. */
const longAgo = 0

/** Begins with nothing counted. A crash loses what was not flushed. */
export function createDownloads(): Downloads {
  let noted = new Map<number, Noted>()
  const add = (id: number, { count, at }: Noted) => {
    const known = noted.get(id)
    if (known) {
      known.count += count
      known.at = Math.max(known.at, at)
    } else if (noted.size < mostNoted) noted.set(id, { count, at })
  }
  return {
    note: (id, now) => add(id, { count: 1, at: now }),
    async flush(database) {
      // In the order of their numbers, so that two nodes do not wait for each other.
      const all = [...noted].toSorted(([a], [b]) => a - b)
      noted = new Map()
      for (let start = 0; start < all.length; start += batch) {
        const some = all.slice(start, start + batch)
        try {
          await database.write((db) => addCounts(db, new Map(some)), { beside: ['downloads'] })
        } catch (error) {
          for (const [id, one] of all.slice(start)) add(id, one)
          throw error
        }
      }
    },
  }
}

async function addCounts(db: Db, noted: ReadonlyMap<number, Noted>): Promise<void> {
  // Held, so that none of them is purged before it is counted for.
  const found = await db
    .selectFrom('packages')
    .select('id')
    .where('id', 'in', [...noted.keys()])
    .orderBy('id')
    .forNoKeyUpdate()
    .execute()
  if (found.length === 0) return
  const rows = found.map(({ id }) => {
    const { count, at } = noted.get(id)!
    return { package_id: id, day: Math.floor(at / dayMs), count }
  })
  await db
    .insertInto('package_downloads')
    .values(rows)
    .onConflict((c) =>
      c.columns(['package_id', 'day']).doUpdateSet((eb) => ({
        count: eb('package_downloads.count', '+', eb.ref('excluded.count')),
      })),
    )
    .execute()
  const ids = found.map(({ id }) => id)
  const last = Math.max(...ids.map((id) => noted.get(id)!.at))
  await db.updateTable('packages').set({ last_downloaded_at: last }).where('id', 'in', ids).execute()
}

export interface DownloadCounts {
  readonly total: number
  /** Those of the last 90 days that had any, the newest first. */
  readonly days: readonly { readonly day: number; readonly count: number }[]
}

/** What was flushed for one package. `day` counts from 1970, in UTC. */
export async function downloadsOf(db: Db, packageId: number): Promise<DownloadCounts> {
  const rows = await db
    .selectFrom('package_downloads')
    .select(['day', 'count'])
    .where('package_id', '=', packageId)
    .orderBy('day', 'desc')
    .execute()
  const total = rows.reduce((sum, { count }) => sum + count, 0)
  return { total, days: rows.filter(({ day }) => day !== longAgo) }
}

/** Adds the days that are long past up into one number for each package. Inside a write transaction. */
export async function foldDownloads(db: Db, now: number): Promise<void> {
  const before = Math.floor(now / dayMs) - daysKept
  await db
    .insertInto('package_downloads')
    .columns(['package_id', 'day', 'count'])
    .expression((eb) =>
      eb
        .selectFrom('package_downloads as old')
        .select((of) => [
          'old.package_id',
          of.lit(longAgo).as('day'),
          of.cast<number>(of.fn.sum('old.count'), 'bigint').as('count'),
        ])
        .where('old.day', '<', before)
        .where('old.day', '<>', longAgo)
        .groupBy('old.package_id'),
    )
    .onConflict((c) =>
      c.columns(['package_id', 'day']).doUpdateSet((eb) => ({
        count: eb('package_downloads.count', '+', eb.ref('excluded.count')),
      })),
    )
    .execute()
  await db.deleteFrom('package_downloads').where('day', '<', before).where('day', '<>', longAgo).execute()
}
