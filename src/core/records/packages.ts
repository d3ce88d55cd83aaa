import type { Db } from '../../database/database.ts'
import { inBatches } from './batches.ts'
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

/** A stretch of those of a name with one of these statuses, by their numbers. */
export function packagesOfName(
  db: Db,
  nameId: number,
  statuses: readonly PackageStatus[],
  { after = 0, limit }: { readonly after?: number | undefined; readonly limit: number },
): Promise<PackageRow[]> {
  return db
    .selectFrom('packages')
    .selectAll()
    .where('name_id', '=', nameId)
    .where('id', '>', after)
    .where('status', 'in', statuses)
    .orderBy('id')
    .limit(limit)
    .execute()
}

/**
 * The numbers of those of each name that were published last, `most` of each at most. To be asked where long statements
 * hold nobody up: a name may have very many.
 */
export async function newestOfNames(
  db: Db,
  nameIds: readonly number[],
  statuses: readonly PackageStatus[],
  most: number,
): Promise<number[]> {
  const placed = db
    .selectFrom('packages')
    .select('id')
    .select((eb) =>
      eb.fn
        .agg<number>('row_number')
        .over((over) => over.partitionBy('name_id').orderBy('id', 'desc'))
        .as('place'),
    )
    .where('name_id', 'in', [-1, ...nameIds])
    .where('status', 'in', statuses)
  const rows = await db.selectFrom(placed.as('placed')).select('id').where('place', '<=', most).execute()
  return rows.map((row) => row.id)
}

/** The packages with these numbers. */
export async function packagesById(db: Db, ids: readonly number[]): Promise<PackageRow[]> {
  const found: PackageRow[] = []
  for (const some of inBatches(ids)) {
    found.push(...(await db.selectFrom('packages').selectAll().where('id', 'in', some).execute()))
  }
  return found
}

/** The same, each with its name as it is shown. */
export async function namedPackages(
  db: Db,
  ids: readonly number[],
): Promise<readonly { readonly name: string; readonly row: PackageRow }[]> {
  const rows = await packagesById(db, ids)
  const names = new Map<number, string>()
  for (const some of inBatches([...new Set(rows.map((row) => row.name_id))])) {
    const found = await db.selectFrom('names').select(['id', 'name']).where('id', 'in', some).execute()
    for (const { id, name } of found) names.set(id, name)
  }
  return rows.map((row) => ({ name: names.get(row.name_id)!, row }))
}

/** Those of a name with one of these statuses, all or only some versions, the first published first. */
export async function packagesOfVersions(
  db: Db,
  nameId: number,
  statuses: readonly PackageStatus[],
  versionKeys?: readonly string[],
): Promise<PackageRow[]> {
  const all = db
    .selectFrom('packages')
    .selectAll()
    .where('name_id', '=', nameId)
    .where('status', 'in', statuses)
    .orderBy('id')
  if (!versionKeys) return all.execute()
  const found: PackageRow[] = []
  for (const some of inBatches(versionKeys)) {
    found.push(...(await all.where('version_key', 'in', some).execute()))
  }
  return found
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
