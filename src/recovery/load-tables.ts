/** The tables of a snapshot, out of its files and into an empty database. */
import { sql } from 'kysely'
import { orderLogById } from '../core/records/audit-log.ts'
import { orderEventsById } from '../core/records/event-order.ts'
import { noteRestore } from '../core/records/instance.ts'
import type { Database, Db } from '../database/database.ts'
import { StartRefused } from '../lib/start-refused.ts'
import type { Manifest, TableFile } from './manifest.ts'
import type { OnProgress } from './progress.ts'
import { readTable, tablePath, type Row } from './table-files.ts'

/** Values in one statement. */
const mostValues = 5000

/** What stands for the key of bytes that are not restored yet; their sha256 follows. */
export const awaited = 'restoring/'

/** Sealed secrets that rows hold, as `lib/secrets.ts` writes them; the key's id is in front. */
const sealed = /^s1\.[0-9a-f]{16}\./

/**
 * Loads everything in one transaction, which also notes that a restore (`restore`: which one) is under way. The one
 * time that files are read in a transaction: nobody else uses the database.
 */
export async function loadTables(
  database: Database,
  { folder, manifest, restore }: { folder: string; manifest: Manifest; restore: string },
  onProgress: OnProgress = () => {},
): Promise<void> {
  const { maintenance } = database
  const done = { count: 0, bytes: 0 }
  const total = { count: manifest.tables.reduce((sum, { rows }) => sum + rows, 0), bytes: 0 }
  await maintenance.load(async (db) => {
    // What migrations have noted there comes with the backup, too.
    await db.deleteFrom('instance').execute()
    const shapes = await maintenance.tables(db)
    for (const table of manifest.tables) {
      const shape = shapes.find(({ name }) => name === table.name)
      const unknown = table.columns.find((column) => !shape?.columns.includes(column))
      if (!shape || unknown !== undefined) {
        throw new StartRefused(
          `the backup has ${unknown ?? 'a table'} in ${table.name}, which this database lacks`,
        )
      }
      await loadTable(db, folder, table, (rows) => {
        done.count += rows
        onProgress({ what: 'rows', done, total })
      })
      if (table.lastId !== undefined) await maintenance.continueIds(db, table.name, table.lastId)
    }
    await awaitBytes(db)
    await noteRestore(db, restore)
  })
}

async function loadTable(
  db: Db,
  folder: string,
  table: TableFile,
  onRows: (count: number) => void,
): Promise<void> {
  const atOnce = Math.max(1, Math.floor(mostValues / table.columns.length))
  let batch: Row[] = []
  let rows = 0
  const flush = async () => {
    if (batch.length > 0) await insert(db, table.name, batch)
    rows += batch.length
    onRows(batch.length)
    batch = []
  }
  for await (const row of readTable(tablePath(folder, table.name))) {
    if (batch.push(row) === atOnce) await flush()
  }
  await flush()
  if (rows !== table.rows) throw new Error(`${table.name} has ${rows} rows in the backup, not ${table.rows}`)
}

async function insert(db: Db, table: string, rows: readonly Row[]): Promise<void> {
  await db
    .insertInto(table as 'instance')
    .values(rows as unknown as { key: string; value: string }[])
    .execute()
}

/** Marked blobs are gone already as far as anybody knows; of the others the bytes are yet to come. */
async function awaitBytes(db: Db): Promise<void> {
  await db.deleteFrom('blobs').where('marked_at', 'is not', null).execute()
  await db
    .updateTable('blobs')
    .set({ storage_key: sql<string>`${awaited} || sha256` })
    .execute()
}

/** What must not be there after a restore: leases of others, and what lets people in that was perhaps ended since. */
export async function settleRestored(db: Db): Promise<void> {
  await db.updateTable('jobs').set({ lease_until: null }).where('lease_until', 'is not', null).execute()
  await db.deleteFrom('collection_holds').execute()
  await orderLogById(db)
  await orderEventsById(db)
  await db.deleteFrom('sessions').execute()
  await db.deleteFrom('links').execute()
}

/** How many sealed secrets the backup holds, by table and column. */
export async function sealedIn(folder: string, { tables }: Manifest): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  for (const { name } of tables) {
    for await (const row of readTable(tablePath(folder, name))) {
      for (const [column, value] of Object.entries(row)) {
        if (typeof value !== 'string' || !sealed.test(value)) continue
        const place = `${name}.${column}`
        found.set(place, (found.get(place) ?? 0) + 1)
      }
    }
  }
  return found
}
