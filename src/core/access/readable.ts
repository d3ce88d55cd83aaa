/** What a caller sees of several projects: the same decision as `authorize`, made for many in one query. */
import type { Core } from '../core.ts'
import type { ProjectQuery } from '../records/project-sets.ts'
import type { Gathered } from '../registry/source.ts'
import { openOrHeldProject, sweeping } from './in-bulk.ts'
import type { Principal } from './principal.ts'
import { roles } from './rights.ts'

/** The projects among these whose packages the caller may read, as a query that belongs into others. */
export function readableProjects(core: Core, principal: Principal, gathered: Gathered): ProjectQuery {
  const projects = projectsOf(core, gathered).select('projects.id')
  const sweep = sweeping(core, principal, 'read_packages')
  if (sweep === 'nothing') return projects.where('projects.id', '=', -1)
  const switchedOn = projects.where('projects.packages_access', '<>', 'disabled')
  if (sweep === 'all') return switchedOn
  return switchedOn.where(openOrHeldProject(core, principal, roles.reporter, core.database.read))
}

/** Whether there is a project among these whose packages the caller may read. */
export async function readsSome(
  core: Core,
  generation: number,
  principal: Principal,
  gathered: Gathered,
): Promise<boolean> {
  const load = async () => {
    const row = await readableProjects(core, principal, gathered).limit(1).executeTakeFirst()
    return { found: row !== undefined, until: await nextExpiry(core, principal) }
  }
  const key = `reads-some/${whoIs(principal)}/${wordsFor(gathered)}`
  return (await core.kept.get(key, generation, load, (value) => value.until)).found
}

/** Whether there is a project among these whose packages the caller may not read. */
export async function hidesSome(core: Core, principal: Principal, gathered: Gathered): Promise<boolean> {
  const hidden = await projectsOf(core, gathered)
    .select('projects.id')
    .where('projects.id', 'not in', readableProjects(core, principal, gathered))
    .limit(1)
    .executeTakeFirst()
  return hidden !== undefined
}

/** Which of these projects' packages the caller may read. */
export async function readableAmong(
  core: Core,
  principal: Principal,
  ids: readonly number[],
): Promise<ReadonlySet<number>> {
  if (ids.length === 0) return new Set()
  const rows = await readableProjects(core, principal, { kind: 'all' })
    .where('projects.id', 'in', [...new Set(ids)])
    .execute()
  return new Set(rows.map((row) => row.id))
}

/** Callers of the same words see the same. */
export function whoIs(principal: Principal): string {
  if (principal.kind === 'anonymous') return ''
  if (principal.kind === 'machine') return `t${principal.token.id}`
  return `${principal.userId}/${principal.token?.scopes.join(' ') ?? '-'}`
}

/** Gathers of the same words gather the same. */
export function wordsFor(gathered: Gathered): string {
  if (gathered.kind === 'project') return `p${gathered.project.id}`
  return gathered.kind === 'groups' ? gathered.groupIds.join(',') : '*'
}

/** When the first of the caller's memberships runs out: until then it sees the same if nothing is written. */
export async function nextExpiry(core: Core, principal: Principal): Promise<number> {
  if (principal.kind !== 'user') return Infinity
  const row = await core.database.read
    .selectFrom('members')
    .select((eb) => eb.fn.min('expires_at').as('first'))
    .where('user_id', '=', principal.userId)
    .where('expires_at', '>', core.clock())
    .executeTakeFirst()
  return row?.first ?? Infinity
}

function projectsOf(core: Core, gathered: Gathered) {
  const projects = core.database.read.selectFrom('projects').where('projects.deleted_at', 'is', null)
  if (gathered.kind === 'all') return projects
  if (gathered.kind === 'project') return projects.where('projects.id', '=', gathered.project.id)
  return projects.where('projects.group_id', 'in', (eb) =>
    eb
      .selectFrom('group_tree')
      .select('group_tree.group_id')
      .where('group_tree.ancestor_id', 'in', gathered.groupIds.length > 0 ? gathered.groupIds : [-1]),
  )
}
