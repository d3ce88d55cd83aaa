import type { Entry } from '../../formats/format.ts'
import type { RegistryContext } from '../registry/context.ts'

/** What the freshness of one key of an index document is compared by; an empty stamp: nothing ever stood there. */
export async function indexStamp(
  { core, format }: RegistryContext,
  rule: string,
  key: string,
  projectIds: readonly number[],
): Promise<{ stamp: string; changedAt: number }> {
  if (projectIds.length === 0) return { stamp: '', changedAt: 0 }
  const rows = await core.database.read
    .selectFrom('index_revisions')
    .select(['project_id', 'revision', 'changed_at'])
    .where('format', '=', format.id)
    .where('rule', '=', rule)
    .where('key', '=', key)
    .where('project_id', 'in', projectIds)
    .orderBy('project_id')
    .execute()
  return {
    stamp: rows.map((row) => `${row.project_id}.${row.revision}`).join(','),
    changedAt: Math.max(0, ...rows.map((row) => row.changed_at)),
  }
}

/** The entries of a key that this registry shows: of names it owns, sorted by id, the newest package's of equal ids. */
export async function indexEntries(
  { core, format, source }: RegistryContext,
  rule: string,
  key: string,
  projectIds: readonly number[],
): Promise<Entry[]> {
  const rows = await core.database.read
    .selectFrom('entries')
    .innerJoin('packages', 'packages.id', 'entries.package_id')
    .innerJoin('names', 'names.id', 'packages.name_id')
    .select([
      'entries.entry_id',
      'entries.text',
      'entries.package_id',
      'names.id as name_id',
      'names.key as name_key',
    ])
    .where('entries.format', '=', format.id)
    .where('entries.rule', '=', rule)
    .where('entries.key', '=', key)
    .where('entries.project_id', 'in', projectIds)
    .orderBy('entries.package_id')
    .execute()
  const byId = new Map<string, Entry>()
  for (const row of rows) {
    const owner = await source.owner(row.name_key)
    if (owner?.id === row.name_id) byId.set(row.entry_id, { key, id: row.entry_id, text: row.text })
  }
  return [...byId.values()].sort((a, b) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)))
}
