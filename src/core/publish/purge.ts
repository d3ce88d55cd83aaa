import type { Db } from '../../database/database.ts'
import type { NameRow, PackageRow } from '../../database/schema.ts'
import { enqueue } from '../records/job-requests.ts'
import type { Core } from '../core.ts'
import { recordEvent } from '../records/events.ts'
import { deleteFiles } from '../records/files.ts'
import { noteReleased } from '../records/released-blobs.ts'
import { sizesByProject, takeUsage } from '../records/usage.ts'
import type { Writing } from './writing.ts'

/** How many rows one transaction purges. */
const batch = 500

/** Purges up to a batch of what was removed before `before`. Returns how many packages and files went. */
export async function purgeExpired(core: Core, before: number): Promise<number> {
  return core.database.write(async (db) => {
    const packages = [...(await expired(db, 'packages', before)), ...(await ofDeletedProjects(db, before))]
    const files = await expired(db, 'files', before)
    const purged = packages.length + files.length
    if (purged > 0) await forget(db, { packages, files }, core)
    return purged
  })
}

/** Deletes the rows, notes the blobs for collection, and lowers what the projects hold. */
async function forget(
  db: Db,
  going: { readonly packages: readonly number[]; readonly files: readonly number[] },
  { clock, config }: Pick<Core, 'clock' | 'config'>,
): Promise<void> {
  const now = clock()
  const sizes = await sizesByProject(db, going)
  await noteReleased(db, { packages: going.packages }, now)
  await deleteFiles(db, going.files, now)
  if (going.packages.length > 0) await db.deleteFrom('packages').where('id', 'in', going.packages).execute()
  await enqueue(db, 'collect', '', now + config.packages.collectAfter)
  await takeUsage(db, sizes)
}

/** Packages of projects that were deleted so long ago that they cannot be restored any more. */
async function ofDeletedProjects(db: Db, before: number): Promise<number[]> {
  const rows = await db
    .selectFrom('projects')
    // The word cross keeps SQLite from looking through the packages.
    .crossJoin('packages')
    .select('packages.id')
    .whereRef('packages.project_id', '=', 'projects.id')
    .where('projects.deleted_at', '<', before)
    .limit(batch)
    .execute()
  return rows.map((row) => row.id)
}

async function expired(db: Db, table: 'packages' | 'files', before: number): Promise<number[]> {
  const rows = await db.selectFrom(table).select('id').where('removed_at', '<', before).limit(batch).execute()
  return rows.map((row) => row.id)
}

/** Purges one removed package now (a leaked secret). Its tombstone stays. Inside a write transaction. */
export async function purgePackage(
  db: Db,
  core: Core,
  writing: Writing,
  name: NameRow,
  pkg: PackageRow,
): Promise<void> {
  const { project, format, origin, now } = writing
  const subject = { projectId: project.id, format: format.id, name: name.name, version: pkg.version }
  await recordEvent(db, 'package.purged', origin, subject, now)
  await forget(db, { packages: [pkg.id], files: [] }, core)
}
