import type { Db } from '../../database/database.ts'
import type { PackageRow } from '../../database/schema.ts'
import type { Duplicates, NewFile, Publication } from '../../formats/format.ts'
import { duplicate } from '../../lib/problem.ts'
import { findLiveFiles, type FileWithBlob } from '../records/files.ts'
import type { RemovedDigests } from '../records/tombstones.ts'
import type { Writing } from './writing.ts'

/** What a publication would do to the files that stand there. */
export type FileComparison = { readonly kind: 'identical' } | ({ readonly kind: 'change' } & FileChange)

export interface FileChange {
  readonly insert: readonly NewFile<any>[]
  readonly drop: readonly FileWithBlob[]
}

export interface Standing {
  readonly publication: Publication<any>
  readonly existing: PackageRow | undefined
  /** The existing package's live files. */
  readonly files: readonly FileWithBlob[]
  readonly duplicates: Duplicates
  /** The tombstone of this version, if it was removed before. */
  readonly removed: RemovedDigests | undefined
}

/**
 * Compares a publication with what is there. Equal bytes are never a duplicate.
 * @throws Problem `duplicate` if other bytes stand, or stood, under a name of it and may not be replaced.
 */
export async function compareFiles(db: Db, writing: Writing, standing: Standing): Promise<FileComparison> {
  const { publication, existing, duplicates } = standing
  const byPath = new Map(standing.files.map((file) => [file.path, file]))
  const insert: NewFile<any>[] = []
  const drop: FileWithBlob[] = []
  for (const file of publication.files) {
    const old = byPath.get(file.path)
    byPath.delete(file.path)
    if (old?.blob.sha256 === file.blob.sha256) continue
    const isFree = file.replace || duplicates === 'allowed'
    if (old && !isFree) throw duplicate()
    if (!old) await refuseForeignPath(db, writing, existing, file.path)
    if (!isFree && !comesBack(standing, file)) throw duplicate(cameBackOtherwise(publication))
    insert.push(file)
    if (old) drop.push(old)
  }
  const left = publication.mode === 'new' ? [...byPath.values()] : []
  if (existing && insert.length === 0 && left.length === 0) return { kind: 'identical' }
  // A whole package came under a version that exists, and it is another one.
  if (existing && publication.mode === 'new' && duplicates !== 'allowed') throw duplicate()
  return { kind: 'change', insert, drop: [...drop, ...left] }
}

/** Whether what was removed before comes back with the bytes it had; a version that is there may gain new files. */
function comesBack({ removed, existing }: Standing, file: NewFile<any>): boolean {
  if (removed === undefined) return true
  const before = removed[file.path]
  return before === undefined ? existing !== undefined : before === file.blob.sha256
}

function cameBackOtherwise({ version }: Publication<any>): string {
  return `version ${version} was removed; it can come back with the same bytes only, so publish other bytes under a new version`
}

/** A path belongs to one package: another package's file is never replaced. */
async function refuseForeignPath(db: Db, writing: Writing, existing: PackageRow | undefined, path: string) {
  const [holder] = await findLiveFiles(db, { format: writing.format.id, path, projectId: writing.project.id })
  if (holder && holder.package_id !== existing?.id)
    throw duplicate(`the path ${path} belongs to another package`)
}
