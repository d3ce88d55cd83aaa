/** The rows of packages as publications would have left them, made without any. */
import { sql } from 'kysely'
import type { Database } from '../../src/database/database.ts'
import { createBulk, type Bulk } from './bulk.ts'
import { entryOf, modelOf, pathsOf, type MadeName } from './packages.ts'
import { versionAt } from './shape.ts'

/** A blob that files may share. */
export interface MadeBlob {
  readonly id: number
  readonly size: number
}

export interface Settings {
  /** Milliseconds since 1970. */
  readonly now: number
  /** How many packages there will be. */
  readonly count: number
  readonly random: () => number
}

const day = 86_400_000
const tables = [
  'names',
  'packages',
  'files',
  'tags',
  'tombstones',
  'entries',
  'index_revisions',
  'events',
] as const

interface Making extends Settings {
  readonly bulk: Bulk
  readonly blobs: readonly MadeBlob[]
  /** Bytes of each project. */
  readonly sizes: Map<number, number>
  readonly counts: { names: number; packages: number }
  /** Keys of index documents that have a revision already. */
  readonly indexes: Set<string>
}

interface MadePackage {
  readonly id: number
  readonly version: string
  readonly at: number
  readonly isRemoved: boolean
}

/** Names are added with so many versions each; `end` writes what is left. */
export function createRows(database: Database, blobs: readonly MadeBlob[], settings: Settings) {
  const making: Making = {
    ...settings,
    bulk: createBulk(database, tables),
    blobs,
    sizes: new Map(),
    counts: { names: 0, packages: 0 },
    indexes: new Set(),
  }
  return {
    add: (made: MadeName, versions: number) => addName(making, made, versions),
    counts: making.counts,
    async end() {
      await making.bulk.flush()
      await writeSizes(database, making.sizes)
    },
  }
}

async function addName(making: Making, made: MadeName, versions: number): Promise<void> {
  const { bulk, counts, now, count } = making
  const { place, format, name } = made
  const first = now - 300 * day + Math.floor((299 * day * counts.packages) / count)
  counts.names += 1
  bulk.add('names', {
    id: counts.names,
    project_id: place.id,
    root_id: place.rootId,
    format,
    key: name,
    name,
    revision: versions,
    created_at: first,
    changed_at: first + (versions - 1) * 60_000,
  })
  for (let index = 0; index < versions; index++) {
    addPackage(making, made, { index, at: first + index * 60_000, isLast: index === versions - 1 })
    await bulk.flushSome()
  }
}

function addPackage(
  making: Making,
  made: MadeName,
  { index, at, isLast }: { readonly index: number; readonly at: number; readonly isLast: boolean },
): void {
  const { bulk, counts, now } = making
  const status = isLast ? 'default' : someStatus(making.random())
  const isRemoved = status === 'pending_destruction'
  counts.packages += 1
  const pkg = { id: counts.packages, version: versionAt(index + 1), at, isRemoved }
  const model = modelOf(made, pkg.version)
  bulk.add('packages', {
    id: pkg.id,
    project_id: made.place.id,
    name_id: counts.names,
    format: made.format,
    version: pkg.version,
    version_key: pkg.version,
    status,
    status_before: isRemoved ? 'default' : null,
    status_message: status === 'deprecated' ? 'use another one' : null,
    metadata: model === undefined ? null : JSON.stringify(model),
    created_at: at,
    updated_at: at,
    removed_at: isRemoved ? now : null,
  })
  addFiles(making, made, pkg)
  if (isLast && made.format === 'npm') {
    bulk.add('tags', { name_id: counts.names, tag: 'latest', package_id: pkg.id, changed_at: at })
  }
  if (!isRemoved) addEntry(making, made, pkg)
  addEvent(bulk, made, pkg)
}

function someStatus(share: number) {
  if (share < 0.01) return 'pending_destruction'
  if (share < 0.02) return 'hidden'
  return share < 0.05 ? 'deprecated' : 'default'
}

function addFiles(making: Making, made: MadeName, { id, version, at, isRemoved }: MadePackage): void {
  const { bulk, blobs, random, counts, now, sizes } = making
  const paths = pathsOf(made, version)
  for (const [index, path] of paths.entries()) {
    const blob = blobs[Math.floor(random() * blobs.length)]!
    sizes.set(made.place.id, (sizes.get(made.place.id) ?? 0) + blob.size)
    bulk.add('files', {
      id: 3 * (id - 1) + index + 1,
      package_id: id,
      project_id: made.place.id,
      format: made.format,
      path,
      blob_id: blob.id,
      live: isRemoved ? 0 : 1,
      created_at: at,
    })
  }
  if (!isRemoved) return
  const digests = JSON.stringify(Object.fromEntries(paths.map((path) => [path, 'f'.repeat(64)])))
  bulk.add('tombstones', {
    name_id: counts.names,
    version,
    version_key: version,
    digests,
    removed_at: now,
  })
}

function addEntry({ bulk, indexes }: Making, made: MadeName, { id, at }: MadePackage): void {
  const entry = entryOf(made)
  if (!entry) return
  const where = { project_id: made.place.id, format: made.format, rule: entry.rule, key: entry.key }
  bulk.add('entries', { ...where, package_id: id, entry_id: entry.entry_id, text: entry.text })
  const index = `${made.place.id} ${entry.key}`
  if (indexes.has(index)) return
  indexes.add(index)
  bulk.add('index_revisions', { ...where, revision: 1, changed_at: at })
}

function addEvent(bulk: Bulk, { place, format, name }: MadeName, { version, at }: MadePackage): void {
  const where = { project_id: place.id, format, name, version }
  bulk.add('events', { at, kind: 'package.published', ...where, actor: 'root' })
}

/** What projects hold, and groups with what is below them: quotas count by it. */
function writeSizes(database: Database, sizes: ReadonlyMap<number, number>): Promise<void> {
  return database.write(async (db) => {
    for (const [id, size] of sizes) {
      await db.updateTable('projects').set({ packages_size: size }).where('id', '=', id).execute()
    }
    await sql`update groups set packages_size = (
      select coalesce(sum(projects.packages_size), 0) from group_tree
      join projects on projects.group_id = group_tree.group_id
      where group_tree.ancestor_id = groups.id)`.execute(db)
  })
}
