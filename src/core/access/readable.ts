import type { Core } from '../core.ts'
import type { Gathered } from '../registry/source.ts'
import { openOrHeldProject, sweeping } from './in-bulk.ts'
import type { Principal } from './principal.ts'
import { roles } from './rights.ts'

/** What a caller sees of several projects: the sorted numbers of those whose packages it may read. */
export interface View {
  readonly projectIds: readonly number[]
  /** Whether there are projects that this caller may not read. */
  readonly hidesSome: boolean
}

/** The view of what a registry gathers. It is the same decision as `authorize`, made for many projects in one query. */
export function viewOf(
  core: Core,
  generation: number,
  principal: Principal,
  gathered: Gathered,
): Promise<View> {
  const ids = gathered.kind === 'project' ? `p${gathered.project.id}` : gathered.groupIds.join(',')
  const load = async () => {
    const readable = await readableProjects(core, principal, gathered)
    const all = await projectsIn(core, gathered)
    return {
      projectIds: readable,
      hidesSome: readable.length < all,
      until: await nextExpiry(core, principal),
    }
  }
  return core.kept.get(`view/${whoIs(principal)}/${ids}`, generation, load, (view) => view.until)
}

/** Callers of the same words have the same view. */
function whoIs(principal: Principal): string {
  if (principal.kind === 'anonymous') return ''
  if (principal.kind === 'machine') return `t${principal.token.id}`
  return `${principal.userId}/${principal.token?.scopes.join(' ') ?? '-'}`
}

/** When the first of the caller's memberships runs out. */
async function nextExpiry(core: Core, principal: Principal): Promise<number> {
  if (principal.kind !== 'user') return Infinity
  const row = await core.database.read
    .selectFrom('members')
    .select((eb) => eb.fn.min('expires_at').as('first'))
    .where('user_id', '=', principal.userId)
    .where('expires_at', '>', core.clock())
    .executeTakeFirst()
  return row?.first ?? Infinity
}

async function readableProjects(core: Core, principal: Principal, gathered: Gathered): Promise<number[]> {
  const sweep = sweeping(core, principal, 'read_packages')
  if (sweep === 'nothing') return []
  const switchedOn = projectsOf(core, gathered)
    .select('projects.id')
    .where('packages_access', '<>', 'disabled')
    .orderBy('projects.id')
  const open = openOrHeldProject(core, principal, roles.reporter, core.database.read)
  const rows = await (sweep === 'all' ? switchedOn : switchedOn.where(open)).execute()
  return rows.map((row) => row.id)
}

async function projectsIn(core: Core, gathered: Gathered): Promise<number> {
  const row = await projectsOf(core, gathered)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return row.count
}

function projectsOf(core: Core, gathered: Gathered) {
  const projects = core.database.read.selectFrom('projects').where('projects.deleted_at', 'is', null)
  if (gathered.kind === 'project') return projects.where('projects.id', '=', gathered.project.id)
  return projects.where('projects.group_id', 'in', (eb) =>
    eb
      .selectFrom('group_tree')
      .select('group_tree.group_id')
      .where('group_tree.ancestor_id', 'in', gathered.groupIds.length > 0 ? gathered.groupIds : [-1]),
  )
}
