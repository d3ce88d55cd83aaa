import type { Database } from './database.ts'
import type { OpenOptions } from './open-options.ts'
import type { PostgresPlace } from './postgres/connection.ts'

/** Where the records are: a file of this machine, or a server that several nodes share. */
export type DatabasePlace =
  | { readonly kind: 'sqlite'; readonly path: string }
  | ({ readonly kind: 'postgres' } & PostgresPlace)

/** Opens the database, creating it and, unless `options` say otherwise, migrating it where needed. Throws `StartRefused`. */
export async function openDatabase(place: DatabasePlace, options: OpenOptions = {}): Promise<Database> {
  if (place.kind === 'postgres') {
    const { openPostgres } = await import('./postgres/open.ts')
    return openPostgres(place, options)
  }
  const { openSqlite } = await import('./sqlite/open.ts')
  return openSqlite(place.path, options)
}
