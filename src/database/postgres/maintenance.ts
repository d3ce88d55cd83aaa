/** PostgreSQL's answers to what backup, restore and doctor ask. */
import { sql, type Kysely } from 'kysely'
import type { Db } from '../database.ts'
import { databaseTime } from '../database-time.ts'
import type { Inspection, Maintenance, OpenSnapshot, TableShape } from '../maintenance.ts'
import type { Schema } from '../schema.ts'
import { lockFor } from './locks.ts'

/** `connect` opens a pool of one connection without limits of time. */
export function postgresMaintenance(connect: () => Kysely<Schema>): Maintenance {
  return {
    engine: 'postgres',
    openSnapshot: () => openSnapshot(connect()),
    tables: describeTables,
    load: (work) => using(connect(), (db) => load(db, work)),
    continueIds,
    inspect: () => using(connect(), inspect),
  }
}

async function using<T>(pool: Kysely<Schema>, work: (db: Kysely<Schema>) => Promise<T>): Promise<T> {
  try {
    return await work(pool)
  } finally {
    await pool.destroy()
  }
}

/** A transaction of this level sees the state at its first statement, hence one at once. */
async function openSnapshot(pool: Kysely<Schema>): Promise<OpenSnapshot> {
  const transaction = await pool
    .startTransaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute()
  await sql`select 1`.execute(transaction)
  return {
    db: transaction,
    async close() {
      await transaction.rollback().execute()
      await pool.destroy()
    },
  }
}

interface ColumnFacts {
  readonly table: string
  readonly column: string
  /** In the primary key, from 1 on. */
  readonly place: number | null
  /** The sequence that gives ids, as SQL names it. */
  readonly sequence: string | null
}

async function describeTables(db: Db): Promise<TableShape[]> {
  const { rows } = await sql<ColumnFacts>`
    select c.relname as "table", a.attname as "column",
      array_position(i.indkey::int2[], a.attnum) as place,
      pg_get_serial_sequence(quote_ident(c.relname), a.attname) as sequence
    from pg_class as c
    join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_index as i on i.indrelid = c.oid and i.indisprimary and a.attnum = any(i.indkey::int2[])
    where c.relkind in ('r', 'p') and c.relnamespace = current_schema()::regnamespace
      and c.relname not like 'kysely\\_%'
    order by c.relname, a.attnum`.execute(db)
  const tables: TableShape[] = []
  for (const [name, columns] of Map.groupBy(rows, (row) => row.table)) {
    const sequence = columns.find((column) => column.sequence !== null)?.sequence
    tables.push({
      name,
      columns: columns.map(({ column }) => column),
      primaryKey: columns
        .filter(({ place }) => place !== null)
        .toSorted((a, b) => a.place! - b.place!)
        .map(({ column }) => column),
      lastId: sequence ? await lastOf(db, sequence) : undefined,
    })
  }
  // By code units, as SQLite has them.
  return tables.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

async function lastOf(db: Db, sequence: string): Promise<number | undefined> {
  const { rows } = await sql<{ last: number | null }>`
    select pg_sequence_last_value(${sequence}::regclass) as last`.execute(db)
  return rows[0]?.last ?? undefined
}

interface Reference {
  readonly table: string
  readonly name: string
  readonly definition: string
}

/** References cannot be put off here: they are dropped first and made again, which checks them all. */
async function load<T>(pool: Kysely<Schema>, work: (db: Db) => Promise<T>): Promise<T> {
  return pool.transaction().execute(async (db) => {
    await lockFor(undefined).execute(db)
    const { rows } = await sql<Reference>`
      select c.conrelid::regclass::text as "table", quote_ident(c.conname) as name,
        pg_get_constraintdef(c.oid) as definition
      from pg_constraint as c
      where c.contype = 'f' and c.connamespace = current_schema()::regnamespace
      order by c.oid`.execute(db)
    for (const { table, name } of rows)
      await sql.raw(`alter table ${table} drop constraint ${name}`).execute(db)
    const result = await work(db)
    for (const { table, name, definition } of rows) {
      try {
        await sql.raw(`alter table ${table} add constraint ${name} ${definition}`).execute(db)
      } catch (error) {
        throw new Error(`references lead nowhere: from ${table} (${(error as Error).message})`, {
          cause: error,
        })
      }
    }
    return result
  })
}

async function continueIds(db: Db, table: string, lastId: number): Promise<void> {
  await sql`select setval(pg_get_serial_sequence(quote_ident(${table}), 'id'), ${lastId}::bigint)`.execute(db)
}

/** Settings of the server under which it forgets what it has acknowledged (its manual, 20.5.1). */
const durable = ['fsync', 'synchronous_commit', 'full_page_writes'] as const

async function inspect(db: Kysely<Schema>): Promise<Inspection> {
  const { rows } = await sql<{ version: string; now: number } & Record<(typeof durable)[number], string>>`
    select current_setting('server_version') as version, ${databaseTime(db)} as now,
      current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit,
      current_setting('full_page_writes') as full_page_writes`.execute(db)
  const { version, now, ...settings } = rows[0]!
  const off = durable.filter((name) => settings[name] === 'off')
  return { version, now, complaints: off.map((name) => `${name} is off: commits may be lost; switch it on`) }
}
