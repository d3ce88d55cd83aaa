import type { Db } from '../../database/database.ts'
import type { NameRow, PackageRow } from '../../database/schema.ts'
import { conflict, notFound } from '../../lib/problem.ts'
import { findFileById, findLiveFiles } from '../records/files.ts'
import { findPackage } from '../records/packages.ts'
import { changePackage } from './change.ts'
import type { Writing } from './writing.ts'

/**
 * Brings a removed package back as it was. Inside a write transaction.
 * @throws Problem 404 if it is not removed (or purged), 409 if its version was published again meanwhile.
 */
export async function restorePackage(
  db: Db,
  writing: Writing,
  name: NameRow,
  pkg: PackageRow,
): Promise<void> {
  if (pkg.status !== 'pending_destruction') throw notFound('404 Package Not Found: it is not removed')
  if (await findPackage(db, name.id, pkg.version_key)) {
    throw conflict(`version ${pkg.version} was published again; remove that one first`)
  }
  await checkPathsFree(db, writing, pkg)
  await db
    .updateTable('files')
    .set({ live: 1 })
    .where('package_id', '=', pkg.id)
    .where('removed_at', 'is', null)
    .execute()
  const change = { status: pkg.status_before ?? 'default', status_before: null, removed_at: null }
  await changePackage(db, writing, { name, pkg, change }, { kind: 'package.restored' })
}

/** Brings a removed file back. Throws 404 if it is not removed, 409 if its path is taken. */
export async function restoreFile(
  db: Db,
  writing: Writing,
  name: NameRow,
  pkg: PackageRow,
  fileId: number,
): Promise<void> {
  const file = await findFileById(db, fileId)
  if (file?.package_id !== pkg.id || file.removed_at === null) {
    throw notFound('404 Package File Not Found: it is not removed')
  }
  await refuseTakenPath(db, writing, file.path)
  await db.updateTable('files').set({ live: 1, removed_at: null }).where('id', '=', fileId).execute()
  await changePackage(db, writing, { name, pkg }, { kind: 'file.restored', detail: { path: file.path } })
}

async function checkPathsFree(db: Db, writing: Writing, pkg: PackageRow): Promise<void> {
  const files = await db
    .selectFrom('files')
    .select('path')
    .where('package_id', '=', pkg.id)
    .where('removed_at', 'is', null)
    .execute()
  for (const { path } of files) await refuseTakenPath(db, writing, path)
}

async function refuseTakenPath(db: Db, { format, project }: Writing, path: string): Promise<void> {
  const taken = await findLiveFiles(db, { format: format.id, path, projectId: project.id })
  if (taken.length > 0) throw conflict(`another file stands at ${path} now; remove it first`)
}
