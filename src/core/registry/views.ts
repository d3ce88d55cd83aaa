import type { Db } from '../../database/database.ts'
import type { NameRow, PackageRow } from '../../database/schema.ts'
import type { FileView, Format, NameView, PackageView, Standing } from '../../formats/format.ts'
import { sortInTurns, turn } from '../../lib/turn.ts'
import { storedBlob } from '../bytes/stored-blob.ts'
import { filesOfPackages, type FileWithBlob } from '../records/files.ts'
import { listed, packagesOfName } from '../records/packages.ts'
import { tagsOfName } from '../records/tags.ts'
import { removedVersions } from '../records/tombstones.ts'

/** Packages read, and turned into what formats see, between two turns of the event loop. */
const rowsAtOnce = 250

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

/** A package of a name that no longer decodes is left out of it, and told of. */
export type OnUndecodable = (row: PackageRow, error: unknown) => void

/**
 * All that documents show of a name, read in one snapshot; however many versions there are, others go first in between.
 * Packages whose stored models no longer decode are left out.
 */
export async function loadName(
  db: Db,
  format: Format<any>,
  name: NameRow,
  onUndecodable: OnUndecodable,
): Promise<NameView<any>> {
  const packages: PackageView<any>[] = []
  let rows: PackageRow[] = []
  do {
    rows = await packagesOfName(db, name.id, listed, { after: rows.at(-1)?.id, limit: rowsAtOnce })
    const files = await filesByPackage(db, rows)
    packages.push(...viewsOf(format, name, { rows, files }, onUndecodable))
    if (rows.length === rowsAtOnce) await turn()
  } while (rows.length === rowsAtOnce)
  return {
    ...head(format, name),
    packages: await inOrder(format, packages),
    tags: await tagsOfName(db, name.id),
    removed: await removedVersions(db, name.id),
  }
}

/** What a name is apart from its packages. */
export function head(format: Format<any>, name: NameRow) {
  return {
    name: name.name,
    revision: revisionOf(name),
    metadata: name.metadata === null ? undefined : decode(format, 'name', name.metadata),
    createdAt: new Date(name.created_at),
    changedAt: new Date(name.changed_at),
  }
}

type FilesByPackage = ReadonlyMap<number, readonly FileWithBlob[]>

/** The files of these packages, by the packages' numbers. */
export async function filesByPackage(db: Db, rows: readonly PackageRow[]): Promise<FilesByPackage> {
  const files = await filesOfPackages(
    db,
    rows.map((row) => row.id),
  )
  return Map.groupBy(files, (file) => file.package_id)
}

/** Packages of a name as their format sees them, but for those that no longer decode. */
export function viewsOf(
  format: Format<any>,
  name: Pick<NameRow, 'name'>,
  { rows, files }: { readonly rows: readonly PackageRow[]; readonly files: FilesByPackage },
  onUndecodable: OnUndecodable,
): PackageView<any>[] {
  const views: PackageView<any>[] = []
  for (const row of rows) {
    try {
      views.push(packageView(format, name.name, row, files.get(row.id) ?? []))
    } catch (error) {
      onUndecodable(row, error)
    }
  }
  return views
}

/** Packages in the order of their versions, or of their publication. */
export function inOrder({ versions: { compare } }: Format<any>, packages: PackageView<any>[]) {
  return sortInTurns(packages, (a, b) =>
    compare
      ? compare(a.version, b.version)
      : a.publishedAt.getTime() - b.publishedAt.getTime() || a.id - b.id,
  )
}

/** The name's revision as formats and clients see it. */
export const revisionOf = (name: NameRow) => `${name.revision}-${name.id}`
