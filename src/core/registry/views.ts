import type { Db } from '../../database/database.ts'
import type { NameRow, PackageRow } from '../../database/schema.ts'
import type { FileView, Format, NameView, PackageView, Standing } from '../../formats/format.ts'
import { storedBlob } from '../bytes/stored-blob.ts'
import { filesOfPackages, type FileWithBlob } from '../records/files.ts'
import { listed, packagesOfName } from '../records/packages.ts'
import { tagsOfName } from '../records/tags.ts'
import { removedVersions } from '../records/tombstones.ts'

/** Decodes a stored model. Throws whatever the format's decoder throws. */
function decode(format: Format<any>, model: 'package' | 'file' | 'name', stored: string | null): any {
  const decoder = format.metadata[model]
  if (!decoder) return {}
  return decoder(stored === null ? undefined : JSON.parse(stored))
}

/** A file row as its format sees it. */
export function fileView(
  format: Format<any>,
  name: string,
  version: string,
  row: FileWithBlob,
): FileView<any> {
  const blob = storedBlob(row.blob, row.project_id)
  return {
    id: row.id,
    packageId: row.package_id,
    name,
    version,
    path: row.path,
    createdAt: new Date(row.created_at),
    size: row.blob.size,
    digests: blob.digests,
    blob,
    metadata: decode(format, 'file', row.metadata),
  }
}

/** A package row with its files as its format sees it. */
export function packageView(
  format: Format<any>,
  name: string,
  row: PackageRow,
  files: readonly FileWithBlob[],
): PackageView<any> {
  const standing = standingOf(row)
  return {
    id: row.id,
    name,
    version: row.version,
    publishedAt: new Date(row.created_at),
    ...(standing ? { standing } : {}),
    metadata: decode(format, 'package', row.metadata),
    files: files.map((file) => fileView(format, name, row.version, file)),
  }
}

function standingOf(row: PackageRow): Standing | undefined {
  const reason = row.status_message === null ? {} : { reason: row.status_message }
  if (row.withdrawn) return { kind: 'withdrawn', ...reason }
  return row.status === 'deprecated' ? { kind: 'deprecated', ...reason } : undefined
}

/** All that documents show of a name, read in one snapshot. Packages whose stored models no longer decode are left out. */
export async function loadName(
  db: Db,
  format: Format<any>,
  name: NameRow,
  onUndecodable: (row: PackageRow, error: unknown) => void,
): Promise<NameView<any>> {
  const rows = await packagesOfName(db, name.id, listed)
  const files = groupByPackage(
    await filesOfPackages(
      db,
      rows.map((row) => row.id),
    ),
  )
  const packages: PackageView<any>[] = []
  for (const row of rows) {
    try {
      packages.push(packageView(format, name.name, row, files.get(row.id) ?? []))
    } catch (error) {
      onUndecodable(row, error)
    }
  }
  const { compare } = format.versions
  if (compare) packages.sort((a, b) => compare(a.version, b.version))
  return {
    name: name.name,
    revision: revisionOf(name),
    metadata: name.metadata === null ? undefined : decode(format, 'name', name.metadata),
    packages,
    tags: await tagsOfName(db, name.id),
    removed: await removedVersions(db, name.id),
    createdAt: new Date(name.created_at),
    changedAt: new Date(name.changed_at),
  }
}

/** The name's revision as formats and clients see it. */
export const revisionOf = (name: NameRow) => `${name.revision}-${name.id}`

function groupByPackage(files: readonly FileWithBlob[]): Map<number, FileWithBlob[]> {
  const groups = new Map<number, FileWithBlob[]>()
  for (const file of files) {
    const group = groups.get(file.package_id)
    if (group) group.push(file)
    else groups.set(file.package_id, [file])
  }
  return groups
}
