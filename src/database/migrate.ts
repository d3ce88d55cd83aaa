import type { Kysely } from 'kysely'
import { StartRefused } from '../lib/start-refused.ts'
import { migrations as ours } from './migrations/index.ts'
import type { Migration } from './migrations/migration.ts'
import type { OpenOptions } from './open-options.ts'

export interface MigrateOptions {
  /** Called with the newest applied migration's name before anything changes. */
  readonly backup?: ((name: string) => void) | undefined
  /** Default: those of this version. */
  readonly migrations?: Readonly<Record<string, Migration>>
}

/**
 * Brings the schema up to date: to be called by one process at a time. Throws `StartRefused` if a newer Entrepot took
 * something away that this one needs.
 */
export async function migrate(
  db: Kysely<any>,
  { backup, migrations = ours }: MigrateOptions = {},
): Promise<void> {
  await makeRegister(db)
  const applied = await appliedMigrations(db)
  await refuseTooNew(db, applied, Object.keys(migrations))
  const missing = Object.keys(migrations).filter((name) => !applied.includes(name))
  if (missing.length > 0 && applied.length > 0) backup?.(applied.at(-1)!)
  for (const name of missing) await apply(db, name, migrations[name]!)
  for (const name of await unfilled(db)) if (name in migrations) await fill(db, name, migrations[name]!)
}

/** Does as the options for opening a database say. */
export async function migrateAs(
  { schema }: OpenOptions,
  db: Kysely<any>,
  backup?: MigrateOptions['backup'],
): Promise<void> {
  if (schema === 'as it is') return
  if (schema === undefined) return migrate(db, { backup })
  await makeRegister(db)
  if ((await appliedMigrations(db)).length === 0)
    await migrate(db, { migrations: migrationsUpTo(schema.upTo) })
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
const toFill = 'schema.fill.'

async function apply(db: Kysely<any>, name: string, migration: Migration): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await migration.up(trx)
    await trx.insertInto('kysely_migration').values({ name, timestamp: new Date().toISOString() }).execute()
    if (migration.leastKnown) await writeFact(trx, leastKnown, migration.leastKnown)
    if (migration.fill) await writeFact(trx, toFill + name, '')
  })
}

async function fill(db: Kysely<any>, name: string, migration: Migration): Promise<void> {
  let more = true
  while (more) more = await db.transaction().execute(async (trx) => migration.fill?.(trx) ?? false)
  await db
    .deleteFrom('instance')
    .where('key', '=', toFill + name)
    .execute()
}

async function unfilled(db: Kysely<any>): Promise<string[]> {
  const rows = await db.selectFrom('instance').select('key').where('key', 'like', `${toFill}%`).execute()
  return rows.map((row) => String(row.key).slice(toFill.length))
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
