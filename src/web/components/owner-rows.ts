/** Groups and projects as a list, with how much is in them. */
import { readableProjects } from '../../core/access/readable.ts'
import { visibleProjects } from '../../core/access/visible.ts'
import { countNamesOfProjects, mostCountedOfEach } from '../../core/records/listed-names.ts'
import type { GroupRow, ProjectRow } from '../../database/schema.ts'
import { html, type Html } from '../html.ts'
import type { Visit } from '../visit.ts'
import { count } from './amounts.ts'
import { visibilityBadge } from './page-head.ts'

/** Rows of groups, then of projects. The counts tell only of what the caller may read. */
export async function ownerRows(
  visit: Visit,
  groups: readonly GroupRow[],
  projects: readonly ProjectRow[],
): Promise<Html> {
  const [below, packages] = await Promise.all([projectsBelow(visit, groups), packagesIn(visit, projects)])
  return html`<ul class="rows" role="list">
    ${groups.map((group) => groupRow(visit, group, below.get(group.id) ?? 0))}
    ${projects.map((project) => projectRow(visit, project, packages.get(project.id)))}
  </ul>`
}

async function projectsBelow({ core, principal }: Visit, groups: readonly GroupRow[]) {
  if (groups.length === 0) return new Map<number, number>()
  const rows = await visibleProjects(core, principal, core.database.scan)
    .innerJoin('group_tree', 'group_tree.group_id', 'projects.group_id')
    .select((eb) => ['group_tree.ancestor_id as id', eb.fn.countAll<number>().as('count')])
    .where(
      'group_tree.ancestor_id',
      'in',
      groups.map((group) => group.id),
    )
    .groupBy('group_tree.ancestor_id')
    .execute()
  return new Map(rows.map((row) => [row.id, Number(row.count)]))
}

async function packagesIn({ core, principal }: Visit, projects: readonly ProjectRow[]) {
  if (projects.length === 0) return new Map<number, number>()
  const readable = readableProjects(core, principal, { kind: 'all' }).where(
    'projects.id',
    'in',
    projects.map((project) => project.id),
  )
  return countNamesOfProjects(core.database.scan, readable)
}

const groupIcon = html`<svg
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="1.6"
  stroke-linejoin="round"
>
  <path d="M3.5 7a2 2 0 0 1 2-2h4l2 2.5h7a2 2 0 0 1 2 2V17a2 2 0 0 1-2 2h-13a2 2 0 0 1-2-2z" />
</svg>`
const projectIcon = html`<svg
  viewBox="0 0 24 24"
  fill="none"
  stroke="currentColor"
  stroke-width="1.6"
  stroke-linejoin="round"
>
  <path d="M4 8.5h16V19H4zM4 8.5L6 5h12l2 3.5M9.5 12h5" />
</svg>`

function groupRow({ to }: Visit, group: GroupRow, projects: number): Html {
  return html`<li class="row">
    <span class="icon soft" aria-hidden="true">${groupIcon}</span>
    <div class="row-main">
      <a class="row-title" href="${to(`/groups/${group.full_path}`)}">${group.full_path}</a>
      ${group.description ? html`<p class="row-detail">${group.description}</p>` : ''}
    </div>
    <div class="row-side">
      ${visibilityBadge(group.visibility)}<span class="muted">${count(projects, 'project')}</span>
    </div>
  </li>`
}

function projectRow({ to }: Visit, project: ProjectRow, packages: number | undefined): Html {
  return html`<li class="row">
    <span class="icon soft" aria-hidden="true">${projectIcon}</span>
    <div class="row-main">
      <a class="row-title" href="${to(`/${project.full_path}`)}">${project.full_path}</a>
      ${project.description ? html`<p class="row-detail">${project.description}</p>` : ''}
    </div>
    <div class="row-side">
      ${visibilityBadge(project.visibility)}<span class="muted"
        >${packages === undefined ? 'packages not readable' : count(packages, 'package', mostCountedOfEach)}</span
      >
    </div>
  </li>`
}
