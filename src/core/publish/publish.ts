import type { Db } from '../../database/database.ts'
import type { NameRow, PackageRow, PackageStatus } from '../../database/schema.ts'
import type { Blob, Publication } from '../../formats/format.ts'
import { invalid } from '../../lib/problem.ts'
import { duplicatesPolicy } from '../policy/duplicates.ts'
import { refuseReserved } from '../policy/reservations.ts'
import { recordEvent } from '../records/events.ts'
import { filesOfPackages } from '../records/files.ts'
import { findName, touchName } from '../records/names.ts'
import { findPackage, insertPackage, updatePackage } from '../records/packages.ts'
import { setTag } from '../records/tags.ts'
import { findTombstone } from '../records/tombstones.ts'
import { adoptAll } from './adopt.ts'
import { charge } from './charge.ts'
import { checkRevision } from './condition.ts'
import { refreshEntries } from './entries.ts'
import { compareFiles, type FileChange } from './compare-files.ts'
import { replaceFiles } from './replace-files.ts'
import type { Writing } from './writing.ts'
import { checkDisplayName } from './display-name.ts'

/** A publication whose name and version were found in order and written as equal ones are. */
interface Prepared {
  readonly publication: Publication<any>
  readonly name: string
  readonly key: string
  readonly versionKey: string
}

/** Checks everything about a publication that can be checked without the records. Throws 400. */
export function prepare(writing: Writing, publication: Publication<any>): Prepared {
  const { names, versions, metadata } = writing.format
  const key = names.normalize(publication.name)
  const versionKey = versions.normalize(publication.version)
  checkDisplayName('name', publication.name)
  checkDisplayName('version', publication.version)
  if (publication.files.length === 0) throw invalid('a package needs at least one file')
  const paths = new Set(publication.files.map((file) => file.path))
  if (paths.size !== publication.files.length)
    throw invalid('two files of the publication have the same path')
  for (const file of publication.files) {
    checkDisplayName('file path', file.path)
    metadata.file?.(file.metadata)
  }
  if (publication.metadata !== undefined) metadata.package?.(publication.metadata)
  return { publication, name: publication.name.normalize('NFC'), key, versionKey }
}

/**
 * Applies prepared publications, all of them or none: to be called inside one write transaction. `held`: how many bytes
 * of theirs were counted already.
 * @throws Problem `duplicate` where other bytes stand under a published name and may not be replaced, `quota_exceeded`.
 */
export async function applyPublications(
  db: Db,
  writing: Writing,
  all: readonly Prepared[],
  held = 0,
): Promise<{ packages: PackageRow[]; changed: boolean }> {
  const publications = all.map(({ publication }) => publication)
  const blobIds = await adoptAll(db, writing, publications)
  const packages: PackageRow[] = []
  let changed = false
  let bytes = 0
  for (const prepared of all) {
    const applied = await applyPublication(db, writing, prepared, blobIds)
    packages.push(applied.pkg)
    changed ||= applied.changed
    bytes += applied.bytes
  }
  await charge(db, writing.project, bytes - held)
  return { packages, changed }
}

interface Applied {
  readonly pkg: PackageRow
  readonly changed: boolean
  /** How many bytes the project's files have more than before. */
  readonly bytes: number
}

async function applyPublication(
  db: Db,
  writing: Writing,
  prepared: Prepared,
  blobIds: ReadonlyMap<Blob, number>,
): Promise<Applied> {
  const { project, format, origin, now } = writing
  const { publication } = prepared
  const known = await findName(db, project.id, { format: format.id, key: prepared.key })
  checkRevision(known, publication)
  if (!known) await refuseReserved(db, project, format, prepared.key)
  const existing = known && (await findPackage(db, known.id, prepared.versionKey))
  const files = existing ? await filesOfPackages(db, [existing.id]) : []
  const comparison = await compareFiles(db, writing, {
    publication,
    existing,
    files,
    duplicates: await duplicatesPolicy(db, format, project, [prepared.name, publication.version]),
    removed: known && (await findTombstone(db, known.id, prepared.versionKey)),
  })
  const subject = {
    projectId: project.id,
    format: format.id,
    name: prepared.name,
    version: publication.version,
  }
  if (existing && comparison.kind === 'identical') {
    await recordEvent(db, 'package.repeated', origin, subject, now)
    return { pkg: existing, changed: false, bytes: 0 }
  }
  const name = await touchName(db, project, { format: format.id, key: prepared.key }, prepared.name, now)
  const pkg = await writePackage(db, writing, prepared, name, existing)
  const dropped = files.filter((file) => publication.drops?.includes(file.path))
  const change: FileChange = comparison.kind === 'change' ? comparison : { insert: [], drop: [] }
  const drop = [...new Set([...change.drop, ...dropped])]
  await replaceFiles(db, writing, pkg, { insert: change.insert, drop }, blobIds)
  for (const tag of publication.tags ?? []) await setTag(db, name.id, tag, pkg.id, now)
  await refreshEntries(db, writing, name, pkg)
  const detail = { files: publication.files.map((file) => ({ path: file.path, sha256: file.blob.sha256 })) }
  await recordEvent(db, 'package.published', origin, { ...subject, detail }, now)
  return { pkg, changed: true, bytes: sizeOf(change.insert) - sizeOf(drop) }
}

const sizeOf = (files: readonly { readonly blob: { readonly size: number } }[]) =>
  files.reduce((sum, { blob }) => sum + blob.size, 0)

function writePackage(
  db: Db,
  { project, format, origin, now }: Writing,
  { publication, versionKey }: Prepared,
  name: NameRow,
  existing: PackageRow | undefined,
): Promise<PackageRow> {
  const { metadata, status } = publication
  if (!existing) {
    return insertPackage(
      db,
      {
        projectId: project.id,
        nameId: name.id,
        format: format.id,
        version: publication.version,
        versionKey,
        status: status ?? 'default',
        metadata,
        creatorId: origin.userId,
      },
      now,
    )
  }
  const next = statusAfter(existing.status, status)
  return updatePackage(
    db,
    existing.id,
    {
      ...(metadata === undefined ? {} : { metadata: JSON.stringify(metadata) }),
      ...(next === undefined ? {} : { status: next }),
    },
    now,
  )
}

/** A package that was not finished is so with the first publication that does not say otherwise. */
function statusAfter(before: PackageStatus, asked: Publication<any>['status']): PackageStatus | undefined {
  if (before === 'processing') return asked ?? 'default'
  return asked === 'processing' ? undefined : asked
}
