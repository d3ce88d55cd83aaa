import { sql, type Kysely } from 'kysely'
import { engineOf, type Engine } from './engine.ts'

/** An index of a table that may have millions of rows. */
export interface BigIndex {
  readonly name: string
  /** What SQL says after `on`, in words of both engines: `packages (name_id, id) where removed_at is not null`. */
  readonly on: string
  readonly isUnique?: true
  /** Where it has no counterpart on the other engine. */
  readonly only?: Engine
}

/**
 * Makes it if it is not there, outside of a transaction. PostgreSQL does so beside those who read and write the table,
 * and leaves an index that counts for nothing where that was broken off (its manual, CREATE INDEX): it is made anew.
 */
export async function makeBigIndex(db: Kysely<any>, { name, on, isUnique, only }: BigIndex): Promise<void> {
  if (only && only !== engineOf(db)) return
  const what = isUnique ? 'unique index' : 'index'
  if (engineOf(db) === 'sqlite') {
    await sql.raw(`create ${what} if not exists ${name} on ${on}`).execute(db)
    return
  }
  const found = await stateOf(db, name)
  if (found === 'whole') return
  if (found === 'broken off') await sql.raw(`drop index concurrently ${name}`).execute(db)
  await sql.raw(`create ${what} concurrently ${name} on ${on}`).execute(db)
}

async function stateOf(db: Kysely<any>, name: string): Promise<'whole' | 'broken off' | undefined> {
  const { rows } = await sql<{ whole: number }>`
    select case when indisvalid then 1 else 0 end as whole from pg_index
    where indexrelid = to_regclass(${name})`.execute(db)
  if (!rows[0]) return undefined
  return rows[0].whole ? 'whole' : 'broken off'
}
