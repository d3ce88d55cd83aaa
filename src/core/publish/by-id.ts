/** Deletes and restores of packages and files that are named by their number: what REST and the web share. */
import type { Db } from '../../database/database.ts'
import type { NameRow, PackageRow, ProjectRow } from '../../database/schema.ts'
import { Problem, conflict, notFound } from '../../lib/problem.ts'
import { demand } from '../access/authorize.ts'
import { demandDelete } from '../access/deletes.ts'
import type { Acting } from '../owners/acting.ts'
import { findFileById } from '../records/files.ts'
import { findPackageById } from '../records/packages.ts'
import { purgePackage } from './purge.ts'
import { removeFiles, removePackages } from './remove.ts'
import { restoreFile, restorePackage } from './restore.ts'
import { besideOthers, type Writing } from './writing.ts'

export interface DeleteWish {
  /** Refused with 412 if it changed after this second (milliseconds since 1970). */
  readonly unmodifiedSince?: number | undefined
  /** Do not keep it for being restored; maintainers only, and for packages that were removed before too. */
  readonly purge?: boolean | undefined
}

/**
 * Removes a package, and with `purge` forgets it at once.
 * @throws Problem 401, 403 or 404 where the caller may not, 404 if there is none, 412 if it changed meanwhile.
 */
export async function deletePackageById(
  acting: Acting,
  project: ProjectRow,
  id: number,
  wish: DeleteWish = {},
): Promise<void> {
  await demandFloor(acting, project)
  const format = await writeAbout(acting, project, id, async (db) => {
    const { pkg, name, writing } = await load(db, acting, project, id)
    const isRemoved = pkg.status === 'pending_destruction'
    if (isRemoved && !wish.purge) throw notFound('404 Package Not Found')
    const { core, generation, principal } = acting
    if (wish.purge) await demand(core, generation, principal, 'delete', { kind: 'project', project })
    await demandDelete(core, generation, principal, project, pkg)
    refuseNewer(pkg.updated_at, wish)
    if (!isRemoved) await removePackages(db, writing, name, [{ pkg }])
    if (wish.purge) await purgePackage(db, core, writing, name, pkg)
    return pkg.format
  })
  acting.core.metrics.removals.add(1, format)
}

/** Removes one file; its package goes with the last one. Throws as `deletePackageById`. */
export async function deleteFileById(
  acting: Acting,
  project: ProjectRow,
  id: number,
  fileId: number,
  wish: Pick<DeleteWish, 'unmodifiedSince'> = {},
): Promise<void> {
  await demandFloor(acting, project)
  const format = await writeAbout(acting, project, id, async (db) => {
    const { pkg, name, writing } = await load(db, acting, project, id)
    if (pkg.status === 'pending_destruction') throw notFound('404 Package Not Found')
    await demandDelete(acting.core, acting.generation, acting.principal, project, pkg)
    const file = await findFileById(db, fileId)
    if (file) refuseNewer(file.created_at, wish)
    await removeFiles(db, writing, name, pkg, [fileId])
    return pkg.format
  })
  acting.core.metrics.removals.add(1, format)
}

/**
 * Brings a removed package back as it was.
 * @throws Problem 401, 403 or 404 where the caller may not, 404 if it is not removed, 409 if its place is taken.
 */
export async function restorePackageById(acting: Acting, project: ProjectRow, id: number): Promise<void> {
  await demandFloor(acting, project)
  await writeAbout(acting, project, id, async (db) => {
    const { pkg, name, writing } = await load(db, acting, project, id)
    await demandDelete(acting.core, acting.generation, acting.principal, project, pkg)
    await restorePackage(db, writing, name, pkg)
  })
}

/** Brings a removed file back. Throws as `restorePackageById`. */
export async function restoreFileById(
  acting: Acting,
  project: ProjectRow,
  id: number,
  fileId: number,
): Promise<void> {
  await demandFloor(acting, project)
  await writeAbout(acting, project, id, async (db) => {
    const { pkg, name, writing } = await load(db, acting, project, id)
    if (pkg.status === 'pending_destruction') {
      throw conflict('the whole package is removed; restore it first')
    }
    await demandDelete(acting.core, acting.generation, acting.principal, project, pkg)
    await restoreFile(db, writing, name, pkg, fileId)
  })
}

/** One transaction about the name of a package. Throws 404 if there is no such package. */
async function writeAbout<T>(
  { core }: Acting,
  project: ProjectRow,
  packageId: number,
  work: (db: Db) => Promise<T>,
): Promise<T> {
  const name = await core.database.read
    .selectFrom('packages')
    .innerJoin('names', 'names.id', 'packages.name_id')
    .select(['names.format', 'names.key'])
    .where('packages.id', '=', packageId)
    .executeTakeFirst()
  if (!name) throw notFound('404 Package Not Found')
  return core.database.write(work, besideOthers(project, name.format, [name.key]))
}

/** Who may delete nothing here learns nothing about numbers. */
function demandFloor({ core, generation, principal }: Acting, project: ProjectRow): Promise<void> {
  return demand(core, generation, principal, 'delete_own', { kind: 'project', project })
}

interface Loaded {
  readonly pkg: PackageRow
  readonly name: NameRow
  readonly writing: Writing
}

async function load(
  db: Db,
  { core, origin }: Acting,
  project: ProjectRow,
  packageId: number,
): Promise<Loaded> {
  const pkg = await findPackageById(db, packageId)
  if (pkg?.project_id !== project.id) throw notFound('404 Package Not Found')
  const format = core.formats.get(pkg.format)
  if (!format) throw conflict(`this server does not know the format ${pkg.format}`)
  const name = await db
    .selectFrom('names')
    .selectAll()
    .where('id', '=', pkg.name_id)
    .executeTakeFirstOrThrow()
  return { pkg, name, writing: { project, format, origin, now: core.clock() } }
}

/** HTTP dates know seconds only. */
function refuseNewer(changedAt: number, { unmodifiedSince }: DeleteWish): void {
  if (unmodifiedSince === undefined || Math.floor(changedAt / 1000) <= unmodifiedSince / 1000) return
  throw new Problem(412, 'precondition_failed', '412 Precondition Failed')
}
