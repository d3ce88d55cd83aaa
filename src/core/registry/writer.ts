import type { NameRow, PackageRow, ProjectRow } from '../../database/schema.ts'
import type { Db } from '../../database/database.ts'
import { isOutcomeUnknown } from '../../database/outcome-unknown.ts'
import type {
  Amendment,
  Blob,
  Condition,
  PackageView,
  Publication,
  Registry,
  StagedBlob,
} from '../../formats/format.ts'
import { duplicate, notFound } from '../../lib/problem.ts'
import { demandName } from '../access/names.ts'
import { demandDelete } from '../access/deletes.ts'
import { sourceOf } from '../bytes/stored-blob.ts'
import { applyAmendments } from '../publish/amend.ts'
import { checkRevision } from '../publish/condition.ts'
import { findHeld, holdStaged, letGo } from '../publish/hold.ts'
import { applyPublications, prepare } from '../publish/publish.ts'
import { removeFiles, removePackages } from '../publish/remove.ts'
import type { Staging } from '../publish/stage.ts'
import { checkTag, deleteTagOf, pointTag } from '../publish/tag.ts'
import { besideOthers, type Writing } from '../publish/writing.ts'
import { isReferenced } from '../records/blobs.ts'
import { filesOfPackages } from '../records/files.ts'
import { findName } from '../records/names.ts'
import { fetchable, listed, packagesOfVersions } from '../records/packages.ts'
import type { RegistryContext } from './context.ts'
import { loadedName } from './names.ts'
import { createHostedReader, findFile, get } from './reader.ts'
import { packageView } from './views.ts'

const removable = [...listed, 'hidden', 'error', 'processing'] as const
const beingPublished = [...fetchable, 'processing'] as const

/** The whole registry of one project. Each verb authorises again, and is one transaction. */
export function createWriter(context: RegistryContext, project: ProjectRow, staging: Staging): Registry<any> {
  return {
    ...createHostedReader(context),
    // Who publishes also sees what is not finished, and as it is this very moment.
    get: (name, versionOrTag) => get(context, name, versionOrTag, beingPublished),
    file: async (path) => (await findFile(context, path, beingPublished))?.file,
    stage: (body, expect) => staging.stage(body, expect),
    hold: (under, blob) => hold(context, project, staging, under, blob),
    held: (under, sha256) => findHeld(context, project, under, sha256),
    publish: (first, ...more) => publish(context, project, staging, [first, ...more]),
    amend: (name, changes, condition) => amend(context, project, name, changes, condition),
    remove: (name, what, condition) => remove(context, project, name, what ?? {}, condition ?? {}),
    tag: (name, tag, version) => tagVersion(context, project, name, tag, version),
  }
}

function writingOf({ format, origin, core }: RegistryContext, project: ProjectRow): Writing {
  return { project, format, origin, now: core.clock() }
}

async function publish(
  context: RegistryContext,
  project: ProjectRow,
  staging: Staging,
  publications: readonly Publication<any>[],
): Promise<PackageView<any>> {
  const { core, generation, principal, format } = context
  const prepared = publications.map((publication) => prepare(writingOf(context, project), publication))
  for (const { key } of prepared) {
    await demandName(core, generation(), principal, 'publish', { project, format: format.id, key })
  }
  for (const { publication } of prepared) for (const tag of publication.tags ?? []) checkTag(tag)
  const keys = prepared.map(({ key }) => key)
  const blobs = publications.flatMap(({ files }) => files.map(({ blob }) => blob))
  const view = await writeOnce(context, project, keys, staging, async (db) => {
    staging.checkTime()
    const held = await letGo(db, blobs)
    const { packages } = await applyPublications(db, writingOf(context, project), prepared, held)
    const pkg = packages[0]!
    return packageView(format, prepared[0]!.name, pkg, await filesOfPackages(db, [pkg.id]))
  })
  core.metrics.publications.add(publications.length, format.id)
  await settle(context, staging, blobs)
  await context.renew()
  return view
}

async function hold(
  context: RegistryContext,
  project: ProjectRow,
  staging: Staging,
  under: string,
  blob: StagedBlob,
): Promise<void> {
  try {
    await holdStaged(context, project, staging, under, blob)
  } catch (error) {
    if (isOutcomeUnknown(error)) staging.leave()
    throw error
  }
  await settle(context, staging, [blob])
}

/** One transaction; where two writers met on a uniqueness constraint, the later one hears of a duplicate. */
async function writeOnce<T>(
  { core, format }: RegistryContext,
  project: ProjectRow,
  keys: readonly string[],
  staging: Staging,
  work: (db: Db) => Promise<T>,
): Promise<T> {
  try {
    return await core.database.write(work, besideOthers(project, format.id, keys))
  } catch (error) {
    if (isOutcomeUnknown(error)) staging.leave()
    if (core.database.isUniqueViolation(error)) throw duplicate()
    throw error
  }
}

/**
 * Tells storage which staged objects a committed row names; the others go at the end of the request. The publication
 * stands already: where this fails, the sweep settles it later.
 */
async function settle({ core }: RegistryContext, staging: Staging, blobs: readonly Blob[]) {
  try {
    for (const blob of blobs) {
      const source = sourceOf(blob)
      if (source?.kind !== 'staged') continue
      if (await isReferenced(core.database.read, source.storageKey)) await staging.taken(source.storageKey)
    }
  } catch (error) {
    staging.leave()
    core.log.warn({ err: error }, 'published, but storage was not told yet; the sweep does it')
  }
}

async function knownName(
  { core, format }: RegistryContext,
  project: ProjectRow,
  name: string,
): Promise<NameRow> {
  const key = format.names.normalize(name)
  const row = await findName(core.database.read, project.id, { format: format.id, key })
  if (!row) throw notFound('404 Package Not Found')
  return row
}

async function amend(
  context: RegistryContext,
  project: ProjectRow,
  name: string,
  changes: readonly Amendment<any>[],
  condition?: Condition,
) {
  const { core, generation, principal, format } = context
  const permission = changes.every(isOnlyMetadata) ? 'publish' : 'delete'
  const key = format.names.normalize(name)
  await demandName(core, generation(), principal, permission, { project, format: format.id, key })
  const row = await knownName(context, project, name)
  await core.database.write(
    async (db) => {
      const fresh = await findName(db, project.id, { format: format.id, key: row.key })
      await applyAmendments(db, writingOf(context, project), fresh!, changes, condition)
    },
    besideOthers(project, format.id, [row.key]),
  )
  await context.renew()
  const changed = await findName(core.database.read, project.id, { format: format.id, key: row.key })
  return loadedName(context, { owner: changed! })
}

/** It changes the metadata of a package, and nothing else. */
function isOnlyMetadata(change: Amendment<any>): boolean {
  return 'version' in change && !('path' in change) && change.standing === undefined
}

async function remove(
  context: RegistryContext,
  project: ProjectRow,
  name: string,
  what: { readonly versions?: readonly string[]; readonly paths?: readonly string[] },
  condition: Condition,
): Promise<void> {
  const { core, generation, principal, format } = context
  const row = await knownName(context, project, name)
  const wanted = what.versions?.map((version) => format.versions.normalize(version))
  await core.database.write(
    async (db) => {
      const fresh = await findName(db, project.id, { format: format.id, key: row.key })
      checkRevision(fresh, condition)
      const packages = await packagesOfVersions(db, row.id, removable, wanted)
      if (packages.length === 0) throw notFound('404 Package Not Found')
      for (const pkg of packages) await demandDelete(core, generation(), principal, project, pkg)
      const writing = writingOf(context, project)
      const whole = packages.map((pkg) => ({ pkg }))
      if (!what.paths) return removePackages(db, writing, fresh!, whole)
      for (const pkg of packages) await removePaths(db, writing, fresh!, pkg, what.paths)
    },
    besideOthers(project, format.id, [row.key]),
  )
  core.metrics.removals.add(1, format.id)
  await context.renew()
}

async function removePaths(
  db: Db,
  writing: Writing,
  name: NameRow,
  pkg: PackageRow,
  paths: readonly string[],
): Promise<void> {
  const files = await filesOfPackages(db, [pkg.id])
  const chosen = files.filter((file) => paths.includes(file.path))
  if (chosen.length === 0) throw notFound('404 Package File Not Found')
  const ids = chosen.map((file) => file.id)
  await removeFiles(db, writing, name, pkg, ids)
}

async function tagVersion(
  context: RegistryContext,
  project: ProjectRow,
  name: string,
  tag: string,
  version: string | null,
): Promise<void> {
  const { core, generation, principal, format } = context
  const key = format.names.normalize(name)
  await demandName(core, generation(), principal, 'publish', { project, format: format.id, key })
  const row = await knownName(context, project, name)
  await core.database.write(
    (db) =>
      version === null
        ? deleteTagOf(db, writingOf(context, project), row, tag)
        : pointTag(db, writingOf(context, project), row, tag, version),
    besideOthers(project, format.id, [row.key]),
  )
  await context.renew()
}
