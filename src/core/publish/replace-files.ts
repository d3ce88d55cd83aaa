import type { Db } from '../../database/database.ts'
import type { PackageRow } from '../../database/schema.ts'
import type { Blob } from '../../formats/format.ts'
import { sourceOf } from '../bytes/stored-blob.ts'
import { adoptBlob } from '../records/blobs.ts'
import { deleteFile, insertFile } from '../records/files.ts'
import type { FileComparison } from './compare-files.ts'
import type { Writing } from './writing.ts'

/** Writes the files of a publication into its package. */
export async function replaceFiles(
  db: Db,
  writing: Writing,
  pkg: PackageRow,
  change: Exclude<FileComparison, { kind: 'identical' }>,
): Promise<void> {
  for (const file of change.drop) await deleteFile(db, file.id)
  for (const file of change.insert) {
    const row = {
      packageId: pkg.id,
      projectId: writing.project.id,
      format: writing.format.id,
      path: file.path,
      blobId: await blobIdOf(db, writing, file.blob),
      metadata: writing.format.metadata.file ? file.metadata : undefined,
    }
    await insertFile(db, row, writing.now)
  }
}

/** The committed row of a blob: its own, or for a staged one the row it gets or adopts. */
async function blobIdOf(db: Db, { project, now }: Writing, blob: Blob): Promise<number> {
  const source = sourceOf(blob)
  if (!source || source.projectId !== project.id)
    throw new Error('a blob of another project or of nobody was published')
  if (source.kind === 'row') return source.id
  const { sha256, size, digests } = blob
  return (await adoptBlob(db, { key: source.storageKey, size, sha256, digests }, now)).id
}
