import { sql } from 'kysely'
import type { Db } from '../../database/database.ts'
import type { BlobRow, FileRow } from '../../database/schema.ts'
import { noteReleased } from './released-blobs.ts'

/** A file with where its bytes are. */
export interface FileWithBlob extends FileRow {
  readonly blob: BlobRow
}

const blobColumns = [
  'sha256',
  'size',
  'md5',
  'sha1',
  'sha512',
  'storage_key',
  'created_at',
  'marked_at',
  'delete_after',
  'corrupt_at',
] as const

function filesWithBlobs(db: Db) {
  return db
    .selectFrom('files')
    .innerJoin('blobs', 'blobs.id', 'files.blob_id')
    .selectAll('files')
    .select(blobColumns.map((column) => sql.ref(`blobs.${column}`).as(`blob_${column}`)))
}

function toFile(row: Record<string, unknown>): FileWithBlob {
  const blob: Record<string, unknown> = { id: row.blob_id }
  const file: Record<string, unknown> = { blob }
  for (const [column, value] of Object.entries(row)) {
    if (column.startsWith('blob_') && column !== 'blob_id') blob[column.slice(5)] = value
    else file[column] = value
  }
  return file as unknown as FileWithBlob
}

/** The live files of packages, by path. */
export async function filesOfPackages(db: Db, packageIds: readonly number[]): Promise<FileWithBlob[]> {
  const files: FileWithBlob[] = []
  for (let at = 0; at < packageIds.length; at += 5000) {
    const rows = await filesWithBlobs(db)
      .where('files.package_id', 'in', packageIds.slice(at, at + 5000))
      .where('files.live', '=', 1)
      .orderBy('files.path')
      .execute()
    files.push(...rows.map(toFile))
  }
  return files
}

/** Live files under this path, in one project or in any. */
export async function findLiveFiles(
  db: Db,
  at: { readonly format: string; readonly path: string; readonly projectId?: number },
): Promise<FileWithBlob[]> {
  let query = filesWithBlobs(db)
    .where('files.format', '=', at.format)
    .where('files.path', '=', at.path)
    .where('files.live', '=', 1)
  if (at.projectId !== undefined) query = query.where('files.project_id', '=', at.projectId)
  return (await query.limit(1000).execute()).map(toFile)
}

export async function findFileById(db: Db, id: number): Promise<FileWithBlob | undefined> {
  const row = await filesWithBlobs(db).where('files.id', '=', id).executeTakeFirst()
  return row && toFile(row)
}

export interface NewFileRow {
  readonly packageId: number
  readonly projectId: number
  readonly format: string
  readonly path: string
  readonly blobId: number
  readonly metadata: unknown
}

/** Rows of one statement: engines bound the number of its parameters. */
const rowsAtOnce = 500

export async function insertFiles(db: Db, files: readonly NewFileRow[], now: number): Promise<void> {
  for (let at = 0; at < files.length; at += rowsAtOnce) {
    const rows = files.slice(at, at + rowsAtOnce).map((file) => ({
      package_id: file.packageId,
      project_id: file.projectId,
      format: file.format,
      path: file.path,
      blob_id: file.blobId,
      live: 1,
      metadata: file.metadata === undefined ? null : JSON.stringify(file.metadata),
      created_at: now,
    }))
    await db.insertInto('files').values(rows).execute()
  }
}

/** Replaces what the format keeps with a file. */
export async function setFileMetadata(db: Db, id: number, metadata: unknown): Promise<void> {
  await db
    .updateTable('files')
    .set({ metadata: JSON.stringify(metadata) })
    .where('id', '=', id)
    .execute()
}

/** Files that others replace, or that were dropped: their rows go at once, for good, and collection looks at their blobs. */
export async function deleteFiles(db: Db, ids: readonly number[], now: number): Promise<void> {
  if (ids.length === 0) return
  await noteReleased(db, { files: ids }, now)
  await db.deleteFrom('files').where('id', 'in', ids).execute()
}
