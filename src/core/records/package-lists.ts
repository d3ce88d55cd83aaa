/** Lists of packages and of their files, as the API shows them. */
import { sql } from 'kysely'
import type { Db } from '../../database/database.ts'
import type { PackageRow, PackageStatus } from '../../database/schema.ts'
import { displayable } from './packages.ts'
import { containing } from './pages.ts'

export interface PackageFilter {
  /** Projects whose packages the caller may read. */
  readonly projectIds: readonly number[]
  readonly statuses: readonly PackageStatus[]
  readonly format?: string | undefined
  /** Part of the name, compared case-insensitively. */
  readonly name?: string | undefined
  readonly version?: string | undefined
  readonly creatorId?: number | undefined
}
export type PackageOrder = 'id' | 'created_at' | 'name' | 'version' | 'type' | 'project_path'

export interface ListedPackage extends PackageRow {
  readonly name: string
  readonly project_path: string
}

const columns = {
  id: 'packages.id',
  created_at: 'packages.created_at',
  name: 'names.name',
  version: 'packages.version',
  type: 'packages.format',
  project_path: 'projects.full_path',
} as const

function listed(db: Db) {
  return db
    .selectFrom('packages')
    .innerJoin('names', 'names.id', 'packages.name_id')
    .innerJoin('projects', 'projects.id', 'packages.project_id')
    .selectAll('packages')
    .select(['names.name', 'projects.full_path as project_path'])
}

/** The packages that the filter finds, ordered; to be paged by who asks. */
export function packageList(db: Db, filter: PackageFilter, order: PackageOrder, sort: 'asc' | 'desc') {
  let query = listed(db)
    .where('packages.project_id', 'in', filter.projectIds.length > 0 ? filter.projectIds : [-1])
    .where('packages.status', 'in', filter.statuses)
  if (filter.format !== undefined) query = query.where('packages.format', '=', filter.format)
  if (filter.version !== undefined) query = query.where('packages.version', '=', filter.version)
  if (filter.creatorId !== undefined) query = query.where('packages.creator_id', '=', filter.creatorId)
  if (filter.name) {
    query = query.where(sql`lower(names.name)`, 'like', sql`${containing(filter.name)} escape '\\'`)
  }
  return query.orderBy(columns[order], sort).orderBy('packages.id', sort)
}

/** A package of the project, whatever its status. */
export function findListedPackage(db: Db, projectId: number, id: number): Promise<ListedPackage | undefined> {
  return listed(db)
    .where('packages.project_id', '=', projectId)
    .where('packages.id', '=', id)
    .executeTakeFirst()
}

/** The other packages of its name that lists show, by version. */
export function otherVersions(db: Db, pkg: PackageRow): Promise<PackageRow[]> {
  return db
    .selectFrom('packages')
    .selectAll()
    .where('name_id', '=', pkg.name_id)
    .where('id', '<>', pkg.id)
    .where('status', 'in', displayable)
    .orderBy('version')
    .execute()
}

/** The tags that point at each of these packages. */
export async function tagsOfPackages(
  db: Db,
  packageIds: readonly number[],
): Promise<ReadonlyMap<number, readonly string[]>> {
  const tags = new Map<number, string[]>()
  for (let at = 0; at < packageIds.length; at += 5000) {
    const rows = await db
      .selectFrom('tags')
      .select(['package_id', 'tag'])
      .where('package_id', 'in', packageIds.slice(at, at + 5000))
      .orderBy('tag')
      .execute()
    for (const { package_id: id, tag } of rows) {
      const known = tags.get(id)
      if (known) known.push(tag)
      else tags.set(id, [tag])
    }
  }
  return tags
}

export type FileOrder = 'id' | 'created_at' | 'file_name'

/** The files of a package, or those that were removed from it; to be paged by who asks. */
export function fileList(
  db: Db,
  packageId: number,
  removed: boolean,
  order: FileOrder,
  sort: 'asc' | 'desc',
) {
  return db
    .selectFrom('files')
    .innerJoin('blobs', 'blobs.id', 'files.blob_id')
    .select(['files.id', 'files.package_id', 'files.path', 'files.created_at'])
    .select(['blobs.size', 'blobs.md5', 'blobs.sha1', 'blobs.sha256'])
    .where('files.package_id', '=', packageId)
    .where((eb) => (removed ? eb('files.live', '=', 0) : eb('files.live', '=', 1)))
    .orderBy(order === 'file_name' ? 'files.path' : `files.${order}`, sort)
    .orderBy('files.id', sort)
}
