import type { Db } from '../../database/database.ts'
import type { PackageRow, PackageStatus } from '../../database/schema.ts'

/** Statuses that documents, lists of versions and search show. */
export const listed: readonly PackageStatus[] = ['default', 'deprecated']
/** Statuses whose files can be fetched by exact path or version. */
export const fetchable: readonly PackageStatus[] = ['default', 'deprecated', 'hidden']
/** Statuses that the REST list shows where none is asked for. */
export const displayable: readonly PackageStatus[] = ['default', 'deprecated', 'error']

/** The package of that version that is not pending destruction. */
export function findPackage(db: Db, nameId: number, versionKey: string): Promise<PackageRow | undefined> {
  return db
    .selectFrom('packages')
    .selectAll()
    .where('name_id', '=', nameId)
    .where('version_key', '=', versionKey)
    .where('status', '<>', 'pending_destruction')
    .executeTakeFirst()
}

export function findPackageById(db: Db, id: number): Promise<PackageRow | undefined> {
  return db.selectFrom('packages').selectAll().where('id', '=', id).executeTakeFirst()
}

/** All of a name with one of these statuses, the first published first. */
export function packagesOfName(
  db: Db,
  nameId: number,
  statuses: readonly PackageStatus[],
): Promise<PackageRow[]> {
  return db
    .selectFrom('packages')
    .selectAll()
    .where('name_id', '=', nameId)
    .where('status', 'in', statuses)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
}

export interface NewPackage {
  readonly projectId: number
  readonly nameId: number
  readonly format: string
  readonly version: string
  readonly versionKey: string
  readonly status: 'default' | 'hidden' | 'processing'
  readonly metadata: unknown
  readonly creatorId: number | null
}

export function insertPackage(db: Db, pkg: NewPackage, now: number): Promise<PackageRow> {
  return db
    .insertInto('packages')
    .values({
      project_id: pkg.projectId,
      name_id: pkg.nameId,
      format: pkg.format,
      version: pkg.version,
      version_key: pkg.versionKey,
      status: pkg.status,
      metadata: pkg.metadata === undefined ? null : JSON.stringify(pkg.metadata),
      creator_id: pkg.creatorId,
      created_at: now,
      updated_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

export type PackageChange = Partial<
  Pick<PackageRow, 'status' | 'status_before' | 'status_message' | 'withdrawn' | 'metadata' | 'removed_at'>
>

export function updatePackage(db: Db, id: number, change: PackageChange, now: number): Promise<PackageRow> {
  return db
    .updateTable('packages')
    .set({ ...change, updated_at: now })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow()
}
