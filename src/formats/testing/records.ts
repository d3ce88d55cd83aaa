/** What the server keeps, looked at from beside it, and deletes made beside its interfaces. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { TestApp } from '../../../test/app.ts'
import { filesOfPackages } from '../../core/records/files.ts'
import { listed } from '../../core/records/packages.ts'
import { packageView } from '../../core/registry/views.ts'
import type { PackageRow } from '../../database/schema.ts'
import type { SetEntry } from '../format.ts'
import type { SamplePackage } from './samples.ts'
import type { Suite } from './scene.ts'

/** Every row of every table of ours, as text, and every stored file. */
export interface Kept {
  readonly tables: Readonly<Record<string, readonly string[]>>
  readonly files: readonly string[]
}

export async function kept({ core, config }: TestApp): Promise<Kept> {
  const { read } = core.database
  const names = (await read.introspection.getTables()).map((table) => table.name)
  const tables: Record<string, string[]> = {}
  for (const name of names) {
    const { rows } = await sql`select * from ${sql.table(name)}`.execute(read)
    tables[name] = rows.map((row) => JSON.stringify(row)).toSorted()
  }
  const entries = readdirSync(config.packages.storagePath, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return { tables, files: files.toSorted() }
}

/** Kinds of the events in `after` that `before` lacks; throws, naming rows and files, if anything else differs. */
export function onlyEventsSince(before: Kept, after: Kept): string[] {
  const { events: old = [], ...rest } = before.tables
  const { events = [], ...now } = after.tables
  const differences = [...differing('files', before.files, after.files)]
  for (const table of Object.keys(now)) differences.push(...differing(table, rest[table] ?? [], now[table]!))
  assert.deepEqual(differences, [])
  return events.filter((event) => !old.includes(event)).map((event) => JSON.parse(event).kind as string)
}

function* differing(what: string, before: readonly string[], after: readonly string[]): Iterable<string> {
  for (const row of after) if (!before.includes(row)) yield `${what} +${row}`
  for (const row of before) if (!after.includes(row)) yield `${what} -${row}`
}

/** Removes a version by REST, or restores the one that was removed last. */
export async function change(
  what: 'remove' | 'restore',
  { format }: Suite,
  { core, root }: TestApp,
  projectId: number,
  pkg: SamplePackage,
): Promise<void> {
  const { id } = await core.database.read
    .selectFrom('packages')
    .innerJoin('names', 'names.id', 'packages.name_id')
    .select('packages.id')
    .where('names.project_id', '=', projectId)
    .where('names.key', '=', format.names.normalize(pkg.name))
    .where('version_key', '=', format.versions.normalize(pkg.version))
    .where('status', what === 'remove' ? '<>' : '=', 'pending_destruction')
    .orderBy('removed_at', 'desc')
    .executeTakeFirstOrThrow()
  const path = `/api/v4/projects/${projectId}/packages/${id}`
  if (what === 'remove') await root.json('DELETE', path)
  else await root.json('POST', `${path}/restore`)
}

/** The entries that index documents should be joined from, made anew from the packages. */
export async function entriesFromScratch({ format }: Suite, { core }: TestApp): Promise<readonly string[]> {
  const db = core.database.read
  const packages = await db
    .selectFrom('packages')
    .innerJoin('names', 'names.id', 'packages.name_id')
    .selectAll('packages')
    .select('names.name')
    .where('packages.format', '=', format.id)
    .where('packages.status', 'in', listed)
    .execute()
  const entries: string[] = []
  for (const row of packages) {
    const view = packageView(format, row.name, row as PackageRow, await filesOfPackages(db, [row.id]))
    for (const [rule, document] of Object.entries(format.documents ?? {})) {
      if (document.of !== 'packages' && document.of !== 'set') continue
      for (const { key, id, text, list = '' } of document.entries(view) as readonly Partial<SetEntry>[])
        entries.push([row.id, rule, key, list, id, text].join('\n'))
    }
  }
  return entries.toSorted()
}

/** The entries that are kept. */
export async function entriesKept({ core }: TestApp): Promise<readonly string[]> {
  const rows = await core.database.read.selectFrom('entries').selectAll().execute()
  return rows
    .map((row) => [row.package_id, row.rule, row.key, row.list, row.entry_id, row.text].join('\n'))
    .toSorted()
}
