import { z } from 'zod'
import { authorize } from '../core/access/authorize.ts'
import { readableProjects } from '../core/access/readable.ts'
import { deletePackageById, restorePackageById } from '../core/publish/by-id.ts'
import { findListedPackage, otherVersions, type ListedPackage } from '../core/records/package-lists.ts'
import { pageOfPackages, type PackageFilter } from '../core/records/package-pages.ts'
import { displayable } from '../core/records/packages.ts'
import type { Page, Window } from '../core/records/pages.ts'
import type { ProjectSet } from '../core/records/project-sets.ts'
import type { PackageStatus } from '../database/schema.ts'
import { forbidden, notFound } from '../lib/problem.ts'
import {
  basicJson,
  groupPackageSchema,
  onePackageSchema,
  packageSchema,
  packagesJson,
} from './package-json.ts'
import { askedAfter, keysetChoice, type PageAsked } from './keyset.ts'
import { flag, numberId, pathId, searchText, sort } from './parameters.ts'
import { enterGroup, reachProject } from './reach.ts'
import { listRoute, route, type Call } from './route.ts'
import { reachPackage, requirePackages, unmodifiedSince } from './reach-package.ts'
import { badParameter } from './validation.ts'

const tag = 'Packages'
const statuses = ['default', 'hidden', 'processing', 'error', 'pending_destruction', 'deprecated'] as const

const filters = {
  package_type: z.string().optional().describe("a format's id"),
  package_name: searchText.optional().describe('part of the name'),
  package_version: searchText.optional().describe('exactly this one'),
  include_versionless: flag.default(false).describe('without effect: every package has a version'),
  status: z.enum(statuses).optional().describe('left out: default, deprecated and error'),
  ...keysetChoice,
  sort: sort.default('asc'),
}
const orders = ['created_at', 'name', 'version', 'type', 'id'] as const

interface Filters extends PageAsked {
  readonly package_type?: string | undefined
  readonly package_name?: string | undefined
  readonly package_version?: string | undefined
  readonly status?: PackageStatus | undefined
  readonly order_by: (typeof orders)[number] | 'project_path'
}

/** The page of the packages that the query asks for, in these projects. `manages`: the caller may restore here. */
async function askedPackages(
  { core, principal, query }: Call<object, Filters>,
  window: Window,
  projects: ProjectSet,
  manages: boolean,
): Promise<Page<ListedPackage>> {
  const { status, package_type: format, package_name: name, package_version: version } = query
  if (format !== undefined && !core.formats.has(format)) {
    throw badParameter('package_type does not have a valid value')
  }
  if (status === 'pending_destruction' && !manages) throw forbidden()
  const isOwnOnly = status === 'processing' && !manages
  const own = { creatorId: principal.kind === 'user' ? principal.userId : -1 }
  const filter: PackageFilter = {
    projects,
    statuses: status === undefined ? displayable : [status],
    format,
    name,
    version,
    ...(isOwnOnly ? own : {}),
  }
  const after = askedAfter(query)
  const place = after === undefined ? window : { ...after, limit: window.limit, offset: 0 }
  return pageOfPackages(core.database.scan, filter, { ...place, order: query.order_by, sort: query.sort })
}

const ofProject = listRoute({
  method: 'GET',
  path: '/projects/:id/packages',
  summary: "A project's packages; removed ones for those who may restore them",
  tag,
  needs: 'read',
  forJobs: true,
  params: { id: pathId },
  query: { ...filters, order_by: z.enum(orders).default('created_at') },
  item: packageSchema,
  async run(call, window) {
    requirePackages(call)
    const project = await reachProject(call, call.params.id, 'read_packages')
    const { core, generation, principal } = call
    const decision = await authorize(core, generation, principal, 'delete', { kind: 'project', project })
    const page = await askedPackages(call, window, project.id, decision === 'allowed')
    return { ...page, items: await packagesJson(call, page.items) }
  },
})

const ofGroup = listRoute({
  method: 'GET',
  path: '/groups/:id/packages',
  summary: 'Packages of the projects below a group that the caller may read',
  tag,
  needs: 'read',
  forJobs: true,
  params: { id: pathId },
  query: {
    ...filters,
    order_by: z.enum([...orders, 'project_path']).default('created_at'),
    exclude_subgroups: flag.default(false),
  },
  item: groupPackageSchema,
  async run(call, window) {
    requirePackages(call)
    const { group, projects } = await readableBelow(call)
    const { core, generation, principal } = call
    const decision = await authorize(core, generation, principal, 'delete', { kind: 'group', group })
    const page = await askedPackages(call, window, projects, decision === 'allowed')
    const items = await packagesJson(call, page.items)
    return { ...page, items: items.map((item, at) => withProject(item, page.items[at]!)) }
  },
})

function withProject<T>(item: T, row: ListedPackage) {
  return { ...item, project_id: row.project_id, project_path: row.project_path }
}

/** The projects decide: a group is there for who may read something below it. */
async function readableBelow(call: Call<{ readonly id: string }, { readonly exclude_subgroups: boolean }>) {
  const { core, principal } = call
  const group = await enterGroup(call, call.params.id)
  const projects = readableProjects(core, principal, { kind: 'groups', groupIds: [group.id] })
  if (!call.query.exclude_subgroups) return { group, projects }
  return { group, projects: projects.where('projects.group_id', '=', group.id) }
}

const one = route({
  method: 'GET',
  path: '/projects/:id/packages/:package_id',
  summary: 'A package with the other versions of its name',
  tag,
  needs: 'read',
  forJobs: true,
  params: { id: pathId, package_id: numberId },
  query: { status: z.literal('pending_destruction').optional().describe('a removed one') },
  response: onePackageSchema,
  async run(call) {
    const { pkg } = await reachPackage(call, call.query.status)
    return withVersions(call, pkg)
  },
})

async function withVersions(call: Call, pkg: ListedPackage) {
  const [json] = await packagesJson(call, [pkg])
  const others = await otherVersions(call.core.database.scan, pkg)
  return { ...json!, versions: others.map(basicJson) }
}

const remove = route({
  method: 'DELETE',
  path: '/projects/:id/packages/:package_id',
  summary: 'Remove a package; it can be restored for some days unless it is purged',
  tag,
  needs: 'write',
  forJobs: true,
  params: { id: pathId, package_id: numberId },
  query: { purge: flag.default(false).describe('forget it at once, removed before or not (maintainers)') },
  async run(call) {
    requirePackages(call)
    const project = await reachProject(call, call.params.id, 'read_packages')
    const wish = { purge: call.query.purge, unmodifiedSince: unmodifiedSince(call) }
    await deletePackageById(call, project, call.params.package_id, wish)
  },
})

const restore = route({
  method: 'POST',
  path: '/projects/:id/packages/:package_id/restore',
  summary: 'Bring a removed package back',
  tag,
  needs: 'write',
  params: { id: pathId, package_id: numberId },
  response: onePackageSchema,
  async run(call) {
    requirePackages(call)
    const project = await reachProject(call, call.params.id, 'read_packages')
    await restorePackageById(call, project, call.params.package_id)
    const pkg = await findListedPackage(call.core.database.read, project.id, call.params.package_id)
    if (!pkg) throw notFound('404 Package Not Found')
    return withVersions(call, pkg)
  },
})

export const packageRoutes = [ofProject, ofGroup, one, remove, restore]
