import type { Kysely } from 'kysely'
import { Migrator, type Migration } from 'kysely/migration'
import { StartRefused } from '../lib/start-refused.ts'
import { initial } from './migrations/0001-initial.ts'
import { jobRequests } from './migrations/0002-job-requests.ts'
import { retention } from './migrations/0003-retention.ts'

/** In order; a released one never changes. */
const migrations: Readonly<Record<string, Migration>> = {
  '0001-initial': initial,
  '0002-job-requests': jobRequests,
  '0003-retention': retention,
}

export interface MigrateOptions {
  /** Called with the newest applied migration's name before anything changes. */
  readonly backup?: ((name: string) => void) | undefined
}

/** Brings the schema up to date. Throws if the database was written by a newer Entrepot. */
export async function migrate(db: Kysely<any>, options: MigrateOptions = {}): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } })
  const known = await applied(db)
  const unknown = known.filter((name) => !(name in migrations))
  if (unknown.length > 0) {
    throw new StartRefused(
      `the database was written by a newer Entrepot (it has ${unknown.join(', ')}); start that version, or restore a backup made before the upgrade`,
    )
  }
  if (known.length === Object.keys(migrations).length) return
  if (known.length > 0) options.backup?.(known.at(-1)!)
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}

async function applied(db: Kysely<any>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some((table) => table.name === 'kysely_migration')) return []
  const rows = await db.selectFrom('kysely_migration').select('name').orderBy('name').execute()
  return rows.map((row) => String(row.name))
}
