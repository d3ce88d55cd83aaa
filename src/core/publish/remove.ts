import type { Db } from '../../database/database.ts'
import type { NameRow, PackageRow } from '../../database/schema.ts'
import { notFound } from '../../lib/problem.ts'
import { inBatches } from '../records/batches.ts'
import { recordEvents, type EventKind } from '../records/events.ts'
import { filesOfPackages, type FileWithBlob } from '../records/files.ts'
import { touchName } from '../records/names.ts'
import { addTombstones, type RemovedDigests } from '../records/tombstones.ts'
import { changePackage } from './change.ts'
import { dropAllEntries } from './entries.ts'
import type { Writing } from './writing.ts'

/** What is removed, and what its event says of it. */
export interface Removal {
  readonly pkg: Pick<PackageRow, 'id' | 'version' | 'version_key'>
  readonly detail?: unknown
}

/**
 * Removes packages of one name: at once gone from every document, list and download, restorable until they are purged.
 * Their tombstones stay. Inside a write transaction.
 */
export async function removePackages(
  db: Db,
  writing: Writing,
  name: NameRow,
  removals: readonly Removal[],
): Promise<void> {
  const { now } = writing
  const ids = removals.map(({ pkg }) => pkg.id)
  await addTombstones(db, name.id, await tombstonesFor(db, removals), now)
  for (const batch of inBatches(ids)) {
    await db.updateTable('files').set({ live: 0 }).where('package_id', 'in', batch).execute()
    await db
      .updateTable('packages')
      .set((eb) => ({
        status: 'pending_destruction',
        status_before: eb.ref('status'),
        removed_at: now,
        updated_at: now,
      }))
      .where('id', 'in', batch)
      .execute()
  }
  await touchName(db, writing.project, { format: writing.format.id, key: name.key }, name.name, now)
  await dropAllEntries(db, writing, ids)
  await record(db, writing, name, 'package.removed', removals)
}

async function tombstonesFor(db: Db, removals: readonly Removal[]) {
  const files = Map.groupBy(
    await filesOfPackages(
      db,
      removals.map(({ pkg }) => pkg.id),
    ),
    (file) => file.package_id,
  )
  return removals.map(({ pkg }) => ({
    version: pkg.version,
    versionKey: pkg.version_key,
    digests: digestsOf(files.get(pkg.id) ?? []),
  }))
}

/**
 * Removes files of one package, with those that are served beside them; a package that loses its last file goes. `reason`
 * stands in the events. Throws 404 if the package has not all of them.
 */
export async function removeFiles(
  db: Db,
  writing: Writing,
  name: NameRow,
  pkg: PackageRow,
  fileIds: readonly number[],
  reason: object = {},
): Promise<void> {
  const files = await filesOfPackages(db, [pkg.id])
  const chosen = files.filter((file) => fileIds.includes(file.id))
  if (chosen.length < fileIds.length) throw notFound('404 Package File Not Found')
  const removed = withCompanions(writing.format, files, chosen)
  if (files.length === removed.length) return removePackages(db, writing, name, [{ pkg }])
  const { now } = writing
  const version = { version: pkg.version, versionKey: pkg.version_key, digests: digestsOf(removed) }
  await addTombstones(db, name.id, [version], now)
  for (const batch of inBatches(removed.map((file) => file.id))) {
    await db.updateTable('files').set({ live: 0, removed_at: now }).where('id', 'in', batch).execute()
  }
  const [last, ...others] = removed.map(({ path }) => ({ pkg, detail: { path, ...reason } })).toReversed()
  await record(db, writing, name, 'file.removed', others.toReversed())
  await changePackage(db, writing, { name, pkg }, { kind: 'file.removed', detail: last?.detail })
}

function withCompanions(
  { companionOf }: Writing['format'],
  files: readonly FileWithBlob[],
  chosen: readonly FileWithBlob[],
): readonly FileWithBlob[] {
  if (!companionOf) return chosen
  const paths = new Set(chosen.map(({ path }) => path))
  return files.filter(({ path }) => paths.has(path) || paths.has(companionOf(path) ?? ''))
}

function record(
  db: Db,
  { project, format, origin, now }: Writing,
  name: NameRow,
  kind: EventKind,
  removals: readonly Removal[],
): Promise<void> {
  const of = { projectId: project.id, format: format.id, name: name.name }
  return recordEvents(
    db,
    removals.map(({ pkg, detail }) => ({
      kind,
      origin,
      subject: { ...of, version: pkg.version, detail },
      at: now,
    })),
  )
}

const digestsOf = (files: readonly FileWithBlob[]): RemovedDigests =>
  Object.fromEntries(files.map((file) => [file.path, file.blob.sha256]))
