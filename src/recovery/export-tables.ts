/** Every table of one state of the database, into files. */
import { sql } from 'kysely'
import type { Db } from '../database/database.ts'
import type { Maintenance, TableShape } from '../database/maintenance.ts'
import type { TableFile } from './manifest.ts'
import { tablePath, writeTable, type Row } from './table-files.ts'

/** Rows are fetched in batches of about so many bytes. */
const batchBytes = 4 * 1024 * 1024
const fewestRows = 20
const mostRows = 5000

/** Writes all tables that the database has, one file each, into `folder`. */
export async function exportTables(
  db: Db,
  maintenance: Maintenance,
  folder: string,
  onTable: (name: string, rows: number) => void,
): Promise<TableFile[]> {
  const files: TableFile[] = []
  for (const shape of await maintenance.tables(db)) {
    const { name, columns, lastId } = shape
    const written = await writeTable(tablePath(folder, name), rowsOf(db, shape))
    files.push({ name, columns: [...columns], ...written, ...(lastId === undefined ? {} : { lastId }) })
    onTable(name, written.rows)
  }
  return files
}

/** All rows by keyset of the primary key. How many are fetched next follows from how large the last ones were. */
async function* rowsOf(db: Db, { name, primaryKey }: TableShape): AsyncGenerator<Row[]> {
  if (primaryKey.length === 0) throw new Error(`the table ${name} has no primary key: it cannot be backed up`)
  const key = sql.join(primaryKey.map((column) => sql.ref(column)))
  let limit = fewestRows
  let last: Row | undefined
  for (;;) {
    const after = last && sql.join(primaryKey.map((column) => last![column]))
    const where = after ? sql`where (${key}) > (${after})` : sql``
    const { rows } = await sql<Row>`
      select * from ${sql.table(name)} ${where} order by ${key} limit ${sql.lit(limit)}
    `.execute(db)
    if (rows.length > 0) yield rows
    if (rows.length < limit) return
    last = rows.at(-1)
    limit = nextLimit(rows)
  }
}

function nextLimit(rows: readonly Row[]): number {
  const bytes = JSON.stringify(rows).length / rows.length
  return Math.max(fewestRows, Math.min(mostRows, 2 * rows.length, Math.round(batchBytes / bytes)))
}
