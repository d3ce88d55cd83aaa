/** Reads one package for its page, and one file for its download. */
import { downloadsOf } from '../core/records/downloads.ts'
import { tagsOfName } from '../core/records/tags.ts'
import { filesOfPackages, findFileById, type FileWithBlob } from '../core/records/files.ts'
import { displayable, fetchable, findPackageById, listed } from '../core/records/packages.ts'
import { fileView, packageView } from '../core/registry/views.ts'
import type { Db } from '../database/database.ts'
import type { NameRow, PackageRow, ProjectRow } from '../database/schema.ts'
import type { Description, FileView, Format } from '../formats/format.ts'
import { notFound } from '../lib/problem.ts'
import { sortInTurns } from '../lib/turn.ts'
import type { Visit } from './visit.ts'

export interface OtherVersion {
  readonly id: number
  readonly version: string
  readonly status: PackageRow['status']
  readonly createdAt: number
}

export interface PackageRecord {
  readonly format: Format<any>
  readonly name: NameRow
  readonly row: PackageRow
  /** Undefined: what is stored of it can no longer be read. */
  readonly description: Description | undefined
  readonly files: readonly FileWithBlob[]
  /** Of this version. */
  readonly tags: readonly string[]
  /** All listed versions of the name, the newest first; tells which tags point at each. */
  readonly versions: readonly OtherVersion[]
  readonly tagsOf: ReadonlyMap<string, readonly string[]>
  readonly publisher: string | undefined
  readonly downloads: number
}

/** Throws 404 where the project has no such package to show. */
export function readPackage(visit: Visit, project: ProjectRow, id: number): Promise<PackageRecord> {
  return visit.core.database.snapshot(async (db) => {
    const { row, format, name } = await shownPackage(visit, db, project, id)
    const files = await filesOfPackages(db, [row.id])
    const tagsOf = invert(await tagsOfName(db, name.id))
    return {
      format,
      name,
      row,
      files,
      description: describe(visit, format, name, row, files),
      tags: tagsOf.get(row.version) ?? [],
      tagsOf,
      versions: await versionsOf(db, format, name),
      publisher: await usernameOf(db, row.creator_id),
      downloads: (await downloadsOf(db, row.id)).total,
    }
  })
}

async function shownPackage({ core }: Visit, db: Db, project: ProjectRow, id: number) {
  const row = await findPackageById(db, id)
  const format = row && core.formats.get(row.format)
  const isShown = row && [...displayable, ...fetchable].includes(row.status)
  if (!format || !isShown || row.project_id !== project.id) throw notFound()
  const name = await db
    .selectFrom('names')
    .selectAll()
    .where('id', '=', row.name_id)
    .executeTakeFirstOrThrow()
  return { row, format, name }
}

/** A stored model that its format no longer reads must not take the page down. */
function describe(
  { core }: Visit,
  format: Format<any>,
  name: NameRow,
  row: PackageRow,
  files: readonly FileWithBlob[],
): Description | undefined {
  try {
    return format.describe(packageView(format, name.name, row, files))
  } catch (error) {
    core.log.error({ package: row.id, err: error }, 'a package no longer decodes')
    return undefined
  }
}

function invert(tags: Readonly<Record<string, string>>): Map<string, string[]> {
  const tagsOf = new Map<string, string[]>()
  for (const [tag, version] of Object.entries(tags)) {
    tagsOf.set(version, [...(tagsOf.get(version) ?? []), tag])
  }
  return tagsOf
}

async function versionsOf(db: Db, { versions }: Format<any>, name: NameRow): Promise<OtherVersion[]> {
  const rows = await db
    .selectFrom('packages')
    .select(['id', 'version', 'version_key', 'status', 'created_at as createdAt'])
    .where('name_id', '=', name.id)
    .where('status', 'in', listed)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute()
  const { compare } = versions
  return compare ? sortInTurns(rows, (a, b) => compare(b.version_key, a.version_key)) : rows
}

async function usernameOf(db: Db, id: number | null): Promise<string | undefined> {
  if (id === null) return undefined
  const row = await db.selectFrom('users').select('username').where('id', '=', id).executeTakeFirst()
  return row?.username
}

/** A file that can be fetched, as its format sees it. Throws 404 where the project has none with this number. */
export async function readFile(visit: Visit, project: ProjectRow, id: number): Promise<FileView<any>> {
  const { core } = visit
  const row = await findFileById(core.database.read, id)
  const pkg = row && (await findPackageById(core.database.read, row.package_id))
  const format = pkg && core.formats.get(pkg.format)
  if (!row?.live || !format || row.project_id !== project.id || !fetchable.includes(pkg.status))
    throw notFound()
  return fileView(format, '', pkg.version, row)
}
