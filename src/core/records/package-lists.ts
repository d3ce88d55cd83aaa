/** Packages and their files as the API shows them. */
import type { Db } from '../../database/database.ts'
import type { PackageRow } from '../../database/schema.ts'
import { displayable } from './packages.ts'

export interface ListedPackage extends PackageRow {
  readonly name: string
  readonly project_path: string
}

/** Packages with their name and where they are; to be narrowed by who asks. */
export function listedPackages(db: Db) {
  return db
    .selectFrom('packages')
    .innerJoin('names', 'names.id', 'packages.name_id')
    .innerJoin('projects', 'projects.id', 'packages.project_id')
    .selectAll('packages')
    .select(['names.name', 'projects.full_path as project_path'])
}

/** A package of the project, whatever its status. */
export function findListedPackage(db: Db, projectId: number, id: number): Promise<ListedPackage | undefined> {
  return listedPackages(db)
    .where('packages.project_id', '=', projectId)
    .where('packages.id', '=', id)
    .executeTakeFirst()
}

export interface OtherVersion extends Pick<PackageRow, 'id' | 'version' | 'created_at'> {
  readonly tags: readonly string[]
}

/** The other packages of its name that lists show, by version. There may be very many: ask where it holds nobody up. */
export async function otherVersions(db: Db, pkg: PackageRow): Promise<OtherVersion[]> {
  const rows = await db
    .selectFrom('packages')
    .select(['id', 'version', 'created_at'])
    .where('name_id', '=', pkg.name_id)
    .where('id', '<>', pkg.id)
    .where('status', 'in', displayable)
    .orderBy('version')
    .execute()
  const tags = await db
    .selectFrom('tags')
    .select(['package_id', 'tag'])
    .where('name_id', '=', pkg.name_id)
    .orderBy('tag')
    .execute()
  const tagsOf = Map.groupBy(tags, (tag) => tag.package_id)
  return rows.map((row) => ({ ...row, tags: (tagsOf.get(row.id) ?? []).map(({ tag }) => tag) }))
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
