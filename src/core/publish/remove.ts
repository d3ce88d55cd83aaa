import type { Db } from '../../database/database.ts'
import type { NameRow, PackageRow } from '../../database/schema.ts'
import { notFound } from '../../lib/problem.ts'
import { filesOfPackages, type FileWithBlob } from '../records/files.ts'
import { addTombstone } from '../records/tombstones.ts'
import { changePackage } from './change.ts'
import type { Writing } from './writing.ts'

/**
 * Removes one package: at once gone from every document, list and download, restorable until it is purged. Its
 * tombstone stays. Inside a write transaction.
 */
export async function removePackage(db: Db, writing: Writing, name: NameRow, pkg: PackageRow): Promise<void> {
  const files = await filesOfPackages(db, [pkg.id])
  await addTombstone(
    db,
    { nameId: name.id, version: pkg.version, versionKey: pkg.version_key },
    digestsOf(files),
    writing.now,
  )
  await db.updateTable('files').set({ live: 0 }).where('package_id', '=', pkg.id).execute()
  const change = {
    status: 'pending_destruction',
    status_before: pkg.status,
    removed_at: writing.now,
  } as const
  await changePackage(db, writing, { name, pkg, change }, { kind: 'package.removed' })
}

/** Removes one file; a package that loses its last one goes. Throws 404 if the package has no such live file. */
export async function removeFile(
  db: Db,
  writing: Writing,
  name: NameRow,
  pkg: PackageRow,
  fileId: number,
): Promise<void> {
  const files = await filesOfPackages(db, [pkg.id])
  const file = files.find((one) => one.id === fileId)
  if (!file) throw notFound('404 Package File Not Found')
  if (files.length === 1) return removePackage(db, writing, name, pkg)
  const { now } = writing
  await addTombstone(
    db,
    { nameId: name.id, version: pkg.version, versionKey: pkg.version_key },
    digestsOf([file]),
    now,
  )
  await db.updateTable('files').set({ live: 0, removed_at: now }).where('id', '=', fileId).execute()
  await changePackage(db, writing, { name, pkg }, { kind: 'file.removed', detail: { path: file.path } })
}

const digestsOf = (files: readonly FileWithBlob[]) =>
  Object.fromEntries(files.map((file) => [file.path, file.blob.sha256]))
