import { sql, type Kysely } from 'kysely'
import { StartRefused } from '../lib/start-refused.ts'
import { makeBigIndex } from './big-index.ts'
import { migrations as ours } from './migrations/index.ts'
import type { Migration } from './migrations/migration.ts'
import type { OpenOptions } from './open-options.ts'

export interface MigrateOptions {
  /** Called with the newest applied migration's name before anything changes. */
  readonly backup?: ((name: string) => void) | undefined
  /** Default: those of this version. */
  readonly migrations?: Readonly<Record<string, Migration>>
  /**
   * PostgreSQL: how long a step waits for a table that somebody else works with, in milliseconds, before it fails. As
   * long, everybody who comes later waits behind it. Default: no limit.
   */
  readonly lockMs?: number | undefined
}

/**
 * Brings the schema up to date: to be called by one process at a time. Throws `StartRefused` if a newer Entrepot took
 * something away that this one needs.
 */
export async function migrate(
  db: Kysely<any>,
  { backup, migrations = ours, lockMs }: MigrateOptions = {},
): Promise<void> {
  await makeRegister(db)
  const { applied, missing } = await compare(db, migrations)
  if (missing.length > 0 && applied.length > 0) backup?.(applied.at(-1)!)
  for (const name of missing) await apply(db, name, migrations[name]!, lockMs)
  for (const name of await unfinished(db)) if (name in migrations) await finish(db, name, migrations[name]!)
}

/** Does as the options for opening a database say. */
export async function migrateAs(
  { schema }: OpenOptions,
  db: Kysely<any>,
  { backup, lockMs }: Pick<MigrateOptions, 'backup' | 'lockMs'> = {},
): Promise<void> {
  if (schema === 'as it is') return
  if (schema === undefined) return migrate(db, { backup, lockMs })
  await makeRegister(db)
  if ((await appliedMigrations(db)).length === 0)
    await migrate(db, { migrations: migrationsUpTo(schema.upTo), lockMs })
}

/**
 * Whether a database that was migrated once needs nothing more for these options; steps that only a newer Entrepot
 * knows do not count. Throws `StartRefused` as `migrate` does.
 */
export async function isMigrated({ schema }: OpenOptions, db: Kysely<any>): Promise<boolean> {
  if (schema !== undefined) return schema === 'as it is' || (await appliedMigrations(db)).length > 0
  const { missing } = await compare(db, ours)
  return missing.length === 0 && !(await unfinished(db)).some((name) => name in ours)
}

async function makeRegister(db: Kysely<any>): Promise<void> {
  await db.schema
    .createTable('kysely_migration')
    .ifNotExists()
    .addColumn('name', 'varchar(255)', (c) => c.notNull().primaryKey())
    .addColumn('timestamp', 'varchar(255)', (c) => c.notNull())
    .execute()
}

/** The names of all migrations of this version, in order. */
export function knownMigrations(): string[] {
  return Object.keys(ours)
}

/** Those up to the one of this name, itself included. */
function migrationsUpTo(last: string): Readonly<Record<string, Migration>> {
  const names = knownMigrations()
  const kept = names.slice(0, names.indexOf(last) + 1)
  return Object.fromEntries(kept.map((name) => [name, ours[name]!]))
}

/** Names of the migrations that were applied, in order. The database must have been migrated once. */
export async function appliedMigrations(db: Kysely<any>): Promise<string[]> {
  const rows = await db.selectFrom('kysely_migration').select('name').orderBy('name').execute()
  return rows.map((row) => String(row.name))
}

async function compare(db: Kysely<any>, migrations: Readonly<Record<string, Migration>>) {
  const applied = await appliedMigrations(db)
  const known = Object.keys(migrations)
  await refuseTooNew(db, applied, known)
  return { applied, missing: known.filter((name) => !applied.includes(name)) }
}

/** Code that does not know the newest migrations may work on as long as they only added something. */
async function refuseTooNew(db: Kysely<any>, applied: readonly string[], known: readonly string[]) {
  const unknown = applied.filter((name) => !known.includes(name))
  if (unknown.length === 0) return
  const least = await readFact(db, leastKnown)
  if (least === undefined || known.includes(least)) return
  throw new StartRefused(
    `the database was changed by a newer Entrepot (it has ${unknown.join(', ')}) in a way that this version cannot work with; start that version, or restore a backup made before the upgrade`,
  )
}

const leastKnown = 'schema.least_known'
/** Before the name of a step of which `up` was done and the rest was not. */
const toFinish = 'schema.fill.'

async function apply(
  db: Kysely<any>,
  name: string,
  migration: Migration,
  lockMs: number | undefined,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    if (lockMs !== undefined) await sql`set local lock_timeout = ${sql.lit(lockMs)}`.execute(trx)
    await migration.up(trx)
    await trx.insertInto('kysely_migration').values({ name, timestamp: new Date().toISOString() }).execute()
    if (migration.leastKnown) await writeFact(trx, leastKnown, migration.leastKnown)
    if (migration.indexes || migration.fill) await writeFact(trx, toFinish + name, '')
  })
}

async function finish(db: Kysely<any>, name: string, migration: Migration): Promise<void> {
  for (const index of migration.indexes ?? []) await makeBigIndex(db, index)
  let more = true
  while (more) more = await db.transaction().execute(async (trx) => migration.fill?.(trx) ?? false)
  await db
    .deleteFrom('instance')
    .where('key', '=', toFinish + name)
    .execute()
}

async function unfinished(db: Kysely<any>): Promise<string[]> {
  const rows = await db.selectFrom('instance').select('key').where('key', 'like', `${toFinish}%`).execute()
  return rows.map((row) => String(row.key).slice(toFinish.length))
}

async function readFact(db: Kysely<any>, key: string): Promise<string | undefined> {
  const row = await db.selectFrom('instance').select('value').where('key', '=', key).executeTakeFirst()
  return row && String(row.value)
}

async function writeFact(db: Kysely<any>, key: string, value: string): Promise<void> {
  await db
    .insertInto('instance')
    .values({ key, value })
    .onConflict((c) => c.column('key').doUpdateSet({ value }))
    .execute()
}
