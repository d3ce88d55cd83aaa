import type { Db } from '../../database/database.ts'
import type { PackageRow } from '../../database/schema.ts'
import type { Blob } from '../../formats/format.ts'
import { deleteFiles, insertFiles } from '../records/files.ts'
import type { FileChange } from './compare-files.ts'
import type { Writing } from './writing.ts'

/** Writes the files of a publication into its package; `blobIds`: the rows of their bytes. */
export async function replaceFiles(
  db: Db,
  { project, format, now }: Writing,
  pkg: PackageRow,
  change: FileChange,
  blobIds: ReadonlyMap<Blob, number>,
): Promise<void> {
  await deleteFiles(
    db,
    change.drop.map((file) => file.id),
    now,
  )
  const rows = change.insert.map((file) => ({
    packageId: pkg.id,
    projectId: project.id,
    format: format.id,
    path: file.path,
    blobId: blobIds.get(file.blob)!,
    metadata: format.metadata.file ? file.metadata : undefined,
  }))
  await insertFiles(db, rows, now)
}
