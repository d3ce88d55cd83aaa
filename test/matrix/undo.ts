/** Says which rows a request changed, and changes them back: triggers write down the opposite of every change. */
import { sql } from 'kysely'
import type { Database } from '../../src/database/database.ts'

/** What has no say in who may do what, and is written by answering alone. */
const unwatchedTables = [
  'events',
  'jobs',
  'job_requests',
  'instance',
  'index_sets',
  'index_set_parts',
  'index_runs',
  'inside_indexes',
  'inside_index_projects',
  'matrix_undo',
]
const unwatchedColumns = [
  'last_used_at',
  'last_downloaded_at',
  'cursor',
  'cursor_transaction',
  'failures',
  'last_at',
  'last_status',
  'last_error',
]

/** Begins to watch all tables. */
export async function watchChanges(database: Database): Promise<void> {
  await database.write(async (db) => {
    await sql`create table matrix_undo (seq integer primary key, tbl text not null, inverse text not null)`.execute(
      db,
    )
    const tables = await sql<{ name: string }>`
      select name from sqlite_master where type = 'table' and sql not like '%virtual%'
      and name not like 'sqlite_%' and name not like 'kysely_%' and name not like '%migration%'
      and name not in (select name from pragma_table_list where type = 'shadow')`.execute(db)
    for (const { name } of tables.rows) {
      if (unwatchedTables.includes(name)) continue
      const columns = await sql<{ name: string; pk: number; type: string }>`
        select name, pk, type from pragma_table_info(${name})`.execute(db)
      for (const trigger of triggersOf(name, columns.rows)) await sql.raw(trigger).execute(db)
    }
  })
}

function triggersOf(
  table: string,
  columns: readonly { readonly name: string; readonly pk: number; readonly type: string }[],
): string[] {
  const names = columns.map(({ name }) => `"${name}"`)
  const keys = columns.filter(({ pk }) => pk > 0)
  // Such a column is the rowid itself.
  const hasRowid = keys.length === 1 && keys[0]!.type.toLowerCase() === 'integer'
  const watched = columns
    .filter(({ name }) => !unwatchedColumns.includes(name))
    .map(({ name }) => `"${name}"`)
  const old = names.map((name) => `quote(old.${name})`).join(` || ',' || `)
  const assignments = names.map((name) => `'${name}=' || quote(old.${name})`).join(` || ',' || `)
  const note = (inverse: string) =>
    `begin insert into matrix_undo (tbl, inverse) values ('${table}', ${inverse}); end`
  const rowid = hasRowid ? ['', ''] : ['rowid,', `old.rowid || ',' || `]
  return [
    `create trigger "mi_${table}" after insert on "${table}" ${note(`'delete from "${table}" where rowid=' || new.rowid`)}`,
    `create trigger "mu_${table}" after update of ${watched.join(',')} on "${table}" ${note(
      `'update "${table}" set ' || ${assignments} || ' where rowid=' || new.rowid`,
    )}`,
    `create trigger "md_${table}" after delete on "${table}" ${note(
      `'insert into "${table}" (${rowid[0]}${names.join(',')}) values (' || ${rowid[1]}${old} || ')'`,
    )}`,
  ]
}

/** A point in time for `changedSince`. */
export async function changeMark(database: Database): Promise<number> {
  const { rows } = await sql<{ mark: number | null }>`select max(seq) as mark from matrix_undo`.execute(
    database.read,
  )
  return rows[0]?.mark ?? 0
}

/** Counted in memory and written once a minute, whoever asks for something else by then. */
const countedTables = ['package_downloads']

/** The tables in which rows changed after the mark. */
export async function changedSince(database: Database, mark: number): Promise<readonly string[]> {
  const { rows } = await sql<{ tbl: string }>`
    select distinct tbl from matrix_undo where seq > ${mark}`.execute(database.read)
  return rows.map(({ tbl }) => tbl).filter((table) => !countedTables.includes(table))
}

/** Everything is as it was when watching began, or at the last call. */
export async function undoChanges(database: Database): Promise<void> {
  await database.write(async (db) => {
    const { rows } = await sql<{ inverse: string }>`
      select inverse from matrix_undo order by seq desc`.execute(db)
    await sql`pragma defer_foreign_keys = on`.execute(db)
    for (const { inverse } of rows) await sql.raw(inverse).execute(db)
    await sql`delete from matrix_undo`.execute(db)
  })
}
