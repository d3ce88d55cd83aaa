import type { Entry } from '../../formats/format.ts'
import { ownersRevision } from '../records/name-owners.ts'
import type { RegistryContext } from '../registry/context.ts'
import { answeringIn } from '../registry/mixing.ts'

/** What the freshness of one key of an index document is compared by; an empty stamp: nothing ever stood there. */
export async function indexStamp(
  { core, format, source }: RegistryContext,
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
  if (rows.length === 0) return { stamp: '', changedAt: 0 }
  const gathered = await source.gathered()
  const owners = gathered.kind === 'groups' ? await ownersRevision(core.database.read, gathered.groupIds) : 0
  return {
    stamp: `${owners}/${rows.map((row) => `${row.project_id}.${row.revision}`).join(',')}`,
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
      'packages.version_key',
      'names.id as name_id',
      'names.key as name_key',
    ])
    .where('entries.format', '=', format.id)
    .where('entries.rule', '=', rule)
    .where('entries.key', '=', key)
    .where('entries.project_id', 'in', projectIds)
    .orderBy('entries.package_id')
    .execute()
  const answering = answeringIn(source, core.database.read)
  const byId = new Map<string, Entry>()
  for (const row of rows) {
    const found = await answering(row.name_key, row.version_key)
    const isShown = found?.nameId === row.name_id && projectIds.includes(found.owner.project_id)
    if (isShown) byId.set(row.entry_id, { key, id: row.entry_id, text: row.text })
  }
  return [...byId.values()].sort((a, b) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)))
}
