import type { Db } from '../../database/database.ts'
import type { NameRow, PackageRow } from '../../database/schema.ts'
import { notFound } from '../../lib/problem.ts'
import { recordEvent } from '../records/events.ts'
import { filesOfPackages, type FileWithBlob } from '../records/files.ts'
import { touchName } from '../records/names.ts'
import { updatePackage } from '../records/packages.ts'
import { addTombstone } from '../records/tombstones.ts'
import { refreshEntries } from './entries.ts'
import type { Writing } from './writing.ts'

/**
 * Removes one package: at once gone from every document, list and download, restorable until it is purged. Its
 * tombstone stays. Inside a write transaction.
 */
export async function removePackage(db: Db, writing: Writing, name: NameRow, pkg: PackageRow): Promise<void> {
  const { format, project, origin, now } = writing
  const files = await filesOfPackages(db, [pkg.id])
  await addTombstone(
    db,
    { nameId: name.id, version: pkg.version, versionKey: pkg.version_key },
    digestsOf(files),
    now,
  )
  await db.updateTable('files').set({ live: 0 }).where('package_id', '=', pkg.id).execute()
  const removed = await updatePackage(
    db,
    pkg.id,
    { status: 'pending_destruction', status_before: pkg.status, removed_at: now },
    now,
  )
  const touched = await touchName(db, project, { format: format.id, key: name.key }, name.name, now)
  await refreshEntries(db, writing, touched, removed)
  const subject = { projectId: project.id, format: format.id, name: name.name, version: pkg.version }
  await recordEvent(db, 'package.removed', origin, subject, now)
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
  const { format, project, origin, now } = writing
  await addTombstone(
    db,
    { nameId: name.id, version: pkg.version, versionKey: pkg.version_key },
    digestsOf([file]),
    now,
  )
  await db.updateTable('files').set({ live: 0, removed_at: now }).where('id', '=', fileId).execute()
  const changed = await updatePackage(db, pkg.id, {}, now)
  const touched = await touchName(db, project, { format: format.id, key: name.key }, name.name, now)
  await refreshEntries(db, writing, touched, changed)
  const subject = { projectId: project.id, format: format.id, name: name.name, version: pkg.version }
  await recordEvent(db, 'file.removed', origin, { ...subject, detail: { path: file.path } }, now)
}

const digestsOf = (files: readonly FileWithBlob[]) =>
  Object.fromEntries(files.map((file) => [file.path, file.blob.sha256]))
