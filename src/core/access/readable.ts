import type { Core } from '../core.ts'
import type { Gathered } from '../registry/source.ts'
import type { Principal } from './principal.ts'
import { rights, roles } from './rights.ts'

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
  const who =
    principal.kind === 'anonymous' ? '' : `${principal.userId}/${principal.token?.scopes.join(' ') ?? '-'}`
  const load = async () => {
    const readable = await readableProjects(core, principal, gathered)
    const all = await projectsIn(core, gathered)
    return {
      projectIds: readable,
      hidesSome: readable.length < all,
      until: await nextExpiry(core, principal),
    }
  }
  return core.kept.get(`view/${who}/${ids}`, generation, load, (view) => view.until)
}

/** When the first of the caller's memberships runs out. */
async function nextExpiry(core: Core, principal: Principal): Promise<number> {
  if (principal.kind === 'anonymous') return Infinity
  const row = await core.database.read
    .selectFrom('members')
    .select((eb) => eb.fn.min('expires_at').as('first'))
    .where('user_id', '=', principal.userId)
    .where('expires_at', '>', core.clock())
    .executeTakeFirst()
  return row?.first ?? Infinity
}

function scopeReaches(principal: Principal): boolean {
  if (principal.kind === 'anonymous' || !principal.token) return true
  return principal.token.scopes.some((scope) => rights.read_packages.scopes.includes(scope))
}

async function readableProjects(core: Core, principal: Principal, gathered: Gathered): Promise<number[]> {
  const { config, database, clock } = core
  if (principal.kind === 'anonymous' && !config.access.anonymous) return []
  if (!scopeReaches(principal)) return []
  let query = projectsOf(core, gathered)
    .select('projects.id')
    .where('packages_access', '<>', 'disabled')
    .orderBy('projects.id')
  if (!(principal.kind === 'user' && principal.admin)) {
    const open = principal.kind === 'user' ? (['public', 'internal'] as const) : (['public'] as const)
    const userId = principal.kind === 'user' ? principal.userId : -1
    const members = () =>
      database.read
        .selectFrom('members')
        .where('user_id', '=', userId)
        .where('role', '>=', roles.reporter)
        .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', clock())]))
    query = query.where((eb) =>
      eb.or([
        eb('packages_access', '=', 'public'),
        eb('visibility', 'in', open),
        eb(
          'projects.id',
          'in',
          members().select('members.project_id').where('members.project_id', 'is not', null),
        ),
        eb(
          'projects.group_id',
          'in',
          members()
            .innerJoin('group_tree', 'group_tree.ancestor_id', 'members.group_id')
            .select('group_tree.group_id'),
        ),
      ]),
    )
  }
  return (await query.execute()).map((row) => row.id)
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
