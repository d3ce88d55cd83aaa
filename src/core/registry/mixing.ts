/** Names that several projects answer for together. */
import type { Db } from '../../database/database.ts'
import type { NameRow, PackageRow } from '../../database/schema.ts'
import type { Format, NameView } from '../../formats/format.ts'
import type { RegistryContext } from './context.ts'
import { mayRead } from './may-read.ts'
import type { Ownership } from './ownership.ts'
import type { Source } from './source.ts'
import { loadName } from './views.ts'

/** A mixed name as one caller sees it: versions of projects that it may not read are missing, and nobody else's. */
export interface MixedName {
  readonly owner: NameRow
  readonly rows: readonly NameRow[]
  /** Numbers of the rows whose packages the caller may read. */
  readonly readable: ReadonlySet<number>
}

/** What the caller sees of a name; undefined: only its owner answers. */
export async function mixedFor(
  context: RegistryContext,
  { owner, mixed }: Ownership,
): Promise<MixedName | undefined> {
  if (!mixed) return undefined
  const readable = new Set<number>()
  for (const row of mixed) if (await mayRead(context, row.project_id)) readable.add(row.id)
  return { owner, rows: mixed, readable }
}

/** What a document about a mixed name is compared by. */
export function stampOfMixed({ rows, readable }: MixedName): string {
  return `${[...readable].join('+')}/${rows.map((row) => `${row.id}.${row.revision}`).join(',')}`
}

/** Of each version the number of the row that answers for it: the first one that has or ever had it. */
export async function holders(db: Db, rows: readonly NameRow[]): Promise<ReadonlyMap<string, number>> {
  const ids = rows.map((row) => row.id)
  const versions = await db
    .selectFrom('packages')
    .select(['name_id', 'version_key'])
    .where('name_id', 'in', ids)
    .union(db.selectFrom('tombstones').select(['name_id', 'version_key']).where('name_id', 'in', ids))
    .execute()
  const lastFirst = versions.sort((a, b) => ids.indexOf(b.name_id) - ids.indexOf(a.name_id))
  return new Map(lastFirst.map((row) => [row.version_key, row.name_id]))
}

export interface Answering {
  readonly owner: NameRow
  /** Number of the row that answers; undefined: none does. */
  readonly nameId: number | undefined
}

/** Finds who answers for versions in a registry; looks each mixed name up once. */
export function answeringIn(source: Source, db: Db) {
  const known = new Map<number, Promise<ReadonlyMap<string, number>>>()
  return async (nameKey: string, versionKey: string): Promise<Answering | undefined> => {
    const ownership = await source.ownership(nameKey)
    if (!ownership) return undefined
    const { owner, mixed } = ownership
    if (!mixed) return { owner, nameId: owner.id }
    const found = known.get(owner.id) ?? holders(db, mixed)
    known.set(owner.id, found)
    return { owner, nameId: (await found).get(versionKey) }
  }
}

/** Everything the caller sees under a mixed name. Tags are the owner's, as far as their versions are seen. */
export async function loadMixed(
  db: Db,
  format: Format<any>,
  { owner, rows, readable }: MixedName,
  onUndecodable: (row: PackageRow, error: unknown) => void,
): Promise<NameView<any>> {
  const holder = await holders(db, rows)
  const own = await loadName(db, format, owner, onUndecodable)
  const views: NameView<any>[] = []
  for (const row of rows) {
    if (!readable.has(row.id)) continue
    const view = row.id === owner.id ? own : await loadName(db, format, row, onUndecodable)
    const isHeld = ({ version }: { readonly version: string }) =>
      holder.get(format.versions.normalize(version)) === row.id
    views.push({ ...view, packages: view.packages.filter(isHeld), removed: view.removed.filter(isHeld) })
  }
  return {
    ...own,
    ...joined(format, views),
    revision: revisionOfMixed(owner, rows),
    tags: seenTags(own, views),
  }
}

function joined(format: Format<any>, views: readonly NameView<any>[]) {
  const { compare } = format.versions
  const packages = views.flatMap((view) => view.packages)
  packages.sort((a, b) =>
    compare ? compare(a.version, b.version) : a.publishedAt.getTime() - b.publishedAt.getTime(),
  )
  return {
    packages,
    removed: views.flatMap((view) => view.removed).sort((a, b) => a.at.getTime() - b.at.getTime()),
    createdAt: new Date(Math.min(...views.map((view) => view.createdAt.getTime()))),
    changedAt: new Date(Math.max(...views.map((view) => view.changedAt.getTime()))),
  }
}

function revisionOfMixed(owner: NameRow, rows: readonly NameRow[]): string {
  return `${rows.reduce((sum, row) => sum + row.revision, 0)}-${owner.id}`
}

function seenTags(own: NameView<any>, views: readonly NameView<any>[]): Record<string, string> {
  const seen = new Set(views.flatMap((view) => view.packages.map((pkg) => pkg.version)))
  return Object.fromEntries(Object.entries(own.tags).filter(([, version]) => seen.has(version)))
}
