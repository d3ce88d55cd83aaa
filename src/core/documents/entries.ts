import type { Entry } from '../../formats/format.ts'
import { turn } from '../../lib/turn.ts'
import { readableProjects } from '../access/readable.ts'
import { ownersRevision } from '../records/name-owners.ts'
import { isAlone } from '../records/names.ts'
import type { ProjectQuery } from '../records/project-sets.ts'
import type { RegistryContext } from '../registry/context.ts'
import { answeringIn } from '../registry/mixing.ts'

/** A registry, and those of its projects that somebody sees. */
export interface SeenRegistry extends Pick<RegistryContext, 'core' | 'format' | 'source'> {
  readonly projects: ProjectQuery
}

/** The registry as the caller of this request sees it. */
export async function seenBy({ core, format, source, principal }: RegistryContext): Promise<SeenRegistry> {
  return { core, format, source, projects: readableProjects(core, principal, await source.gathered()) }
}

/** What the freshness of one key of an index document is compared by; an empty stamp: nothing ever stood there. */
export async function indexStamp(
  { core, format, source, projects }: SeenRegistry,
  rule: string,
  key: string,
): Promise<{ stamp: string; changedAt: number }> {
  const rows = await core.database.read
    .selectFrom('index_revisions')
    .select(['project_id', 'revision', 'changed_at'])
    .where('format', '=', format.id)
    .where('rule', '=', rule)
    .where('key', '=', key)
    .where('project_id', 'in', projects)
    .orderBy('project_id')
    .execute()
  if (rows.length === 0) return { stamp: '', changedAt: 0 }
  const gathered = await source.gathered()
  const groupIds = gathered.kind === 'groups' ? gathered.groupIds : undefined
  const owners = gathered.kind === 'project' ? 0 : await ownersRevision(core.database.read, groupIds)
  return {
    stamp: `${owners}/${rows.map((row) => `${row.project_id}.${row.revision}`).join(',')}`,
    changedAt: rows.reduce((last, row) => Math.max(last, row.changed_at), 0),
  }
}

/** Between two turns of the event loop. */
const rowsAtOnce = 200

/** A row of an index, of the names that the registry shows. */
export interface ShownEntry {
  readonly packageId: number
  /** Of a set of indexes: which of them. */
  readonly list: string
  readonly id: string
  readonly text: string
}

/** The entries of a key that this registry shows: of names it owns, sorted by id, the newest package's of equal ids. */
export async function indexEntries(
  registry: SeenRegistry,
  rule: string,
  key: string,
  projectIds: ReadonlySet<number>,
): Promise<Entry[]> {
  const shown = await shownEntries(registry, rule, key, projectIds)
  return shown
    .map(({ id, text }) => ({ key, id, text }))
    .sort((a, b) => Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)))
}

/** The same of all lists, unsorted. */
export async function shownEntries(
  { core, format, source, projects }: SeenRegistry,
  rule: string,
  key: string,
  projectIds: ReadonlySet<number>,
): Promise<ShownEntry[]> {
  const rows = await core.database.scan
    .selectFrom('entries')
    .innerJoin('packages', 'packages.id', 'entries.package_id')
    .innerJoin('names', 'names.id', 'packages.name_id')
    .innerJoin('projects', 'projects.id', 'entries.project_id')
    .select([
      'entries.package_id',
      'entries.list',
      'entries.entry_id',
      'entries.text',
      'packages.version_key',
      'names.id as name_id',
      'names.key as name_key',
      'projects.full_path as project_path',
    ])
    .select((eb) => isAlone(eb).as('alone'))
    .where('entries.format', '=', format.id)
    .where('entries.rule', '=', rule)
    .where('entries.key', '=', key)
    .where('entries.project_id', 'in', projects)
    .orderBy('entries.package_id')
    .execute()
  const answering = answeringIn(source, core.database.read)
  const shown = new Map<string, ShownEntry>()
  for (const [at, row] of rows.entries()) {
    if (at % rowsAtOnce === rowsAtOnce - 1) await turn()
    if (!row.alone || !source.isOwnedAlone(row.name_key, row.project_path)) {
      const found = await answering(row.name_key, row.version_key)
      if (found?.nameId !== row.name_id || !projectIds.has(found.owner.project_id)) continue
    }
    const { package_id: packageId, list, entry_id: id, text } = row
    shown.set(`${list}\n${id}`, { packageId, list, id, text })
  }
  return [...shown.values()]
}
