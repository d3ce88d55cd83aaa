/** SQLite's answers to what backup, restore and doctor ask. */
import type { DatabaseSync } from 'node:sqlite'
import { Kysely, sql } from 'kysely'
import type { Db } from '../database.ts'
import { databaseTime } from '../database-time.ts'
import type { Inspection, Maintenance, OpenSnapshot, TableShape } from '../maintenance.ts'
import type { Schema } from '../schema.ts'
import { sqliteDialect } from './dialect.ts'

/** For one opened database: `connect` makes another read-only connection to the same file. */
export function sqliteMaintenance(write: Kysely<Schema>, connect: () => DatabaseSync): Maintenance {
  return {
    engine: 'sqlite',
    openSnapshot: () => openSnapshot(connect()),
    tables: describeTables,
    load: (work) => load(write, work),
    continueIds,
    inspect: () => inspect(write),
  }
}

/** A transaction of SQLite sees the state at its first reading statement, hence one at once. */
async function openSnapshot(connection: DatabaseSync): Promise<OpenSnapshot> {
  const pool = new Kysely<Schema>({ dialect: sqliteDialect(connection, { statements: 0 }) })
  const transaction = await pool.startTransaction().setAccessMode('read only').execute()
  await sql`select count(*) from sqlite_schema`.execute(transaction)
  return {
    db: transaction,
    async close() {
      await transaction.rollback().execute()
      await pool.destroy()
    },
  }
}

/** Virtual tables and their shadows are left out: triggers fill them. */
async function describeTables(db: Db): Promise<TableShape[]> {
  const { rows } = await sql<{ name: string; column: string; place: number; id: number | null }>`
    select t.name, c.name as "column", c.pk as place, s.seq as id
    from pragma_table_list as t
    join pragma_table_info(t.name) as c
    left join sqlite_sequence as s on s.name = t.name
    where t.schema = 'main' and t.type = 'table' and t.name not like 'sqlite\\_%' escape '\\'
      and t.name not like 'kysely\\_%' escape '\\'
    order by t.name, c.cid
  `.execute(db)
  const tables = Map.groupBy(rows, (row) => row.name)
  return [...tables].map(([name, columns]) => ({
    name,
    columns: columns.map(({ column }) => column),
    primaryKey: columns
      .filter(({ place }) => place > 0)
      .toSorted((a, b) => a.place - b.place)
      .map(({ column }) => column),
    lastId: columns[0]!.id ?? undefined,
  }))
}

async function load<T>(write: Kysely<Schema>, work: (db: Db) => Promise<T>): Promise<T> {
  await sql`pragma foreign_keys = off`.execute(write)
  try {
    return await write.transaction().execute(async (db) => {
      const result = await work(db)
      const { rows } = await sql<{ table: string; parent: string }>`pragma foreign_key_check`.execute(db)
      if (rows.length > 0) {
        const where = new Set(rows.map(({ table, parent }) => `${table} to ${parent}`))
        throw new Error(`${rows.length} references lead nowhere: from ${[...where].join(', from ')}`)
      }
      return result
    })
  } finally {
    await sql`pragma foreign_keys = on`.execute(write)
  }
}

async function continueIds(db: Db, table: string, lastId: number): Promise<void> {
  await sql`delete from sqlite_sequence where name = ${table}`.execute(db)
  await sql`insert into sqlite_sequence (name, seq) values (${table}, ${lastId})`.execute(db)
}

async function inspect(write: Kysely<Schema>): Promise<Inspection> {
  const { rows } = await sql<{ version: string; now: number; synchronous: number; journal: string }>`
    select sqlite_version() as version, ${databaseTime(write)} as now,
      (select synchronous from pragma_synchronous) as synchronous,
      (select journal_mode from pragma_journal_mode) as journal
  `.execute(write)
  const { version, now, synchronous, journal } = rows[0]!
  const complaints: string[] = []
  if (synchronous < 2) complaints.push(`synchronous is ${synchronous}: commits may be lost in a power cut`)
  if (journal !== 'wal') {
    complaints.push(
      `the journal mode is ${journal}: put the database on a local disk, where SQLite can use its write-ahead log`,
    )
  }
  return { version, now, complaints }
}
