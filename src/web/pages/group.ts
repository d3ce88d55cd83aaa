import { visibleGroups, visibleProjects } from '../../core/access/visible.ts'
import { usageBelow } from '../../core/records/usage.ts'
import { groupSource } from '../../core/registry/group-source.ts'
import { shownBelow } from '../../core/registry/ownership.ts'
import type { GroupRow } from '../../database/schema.ts'
import { installLines, type Registry } from '../components/install-lines.ts'
import { ownerRows } from '../components/owner-rows.ts'
import { keptBeside } from '../components/kept-list.ts'
import { loadList, packageList } from '../components/package-list.ts'
import { storageLine } from '../components/storage-line.ts'
import { breadcrumb, visibilityBadge } from '../components/page-head.ts'
import { groupRetention } from '../components/retention.ts'
import { groupUpstreams } from '../components/upstream-list.ts'
import { html, type Html } from '../html.ts'
import { may, readableBelow, seenGroup } from '../owners.ts'
import type { Page } from '../route.ts'
import type { Visit } from '../visit.ts'

/** What stands in a group: subgroups, projects, and the packages of all projects below that the caller may read. */
export async function groupPage(visit: Visit, path: string, onlyPackages: boolean): Promise<Page> {
  const { core } = visit
  const group = await seenGroup(visit, path)
  const isBrowsing = onlyPackages || visit.target.query.size > 0
  const [list, kept, inside, stored, set] = await Promise.all([
    loadList(visit, {
      projects: readableBelow(visit, group),
      showProject: true,
      served: (names) => shownBelow(core.database.read, group.id, names),
    }),
    keptBeside(visit, { kind: 'group', group }),
    isBrowsing ? '' : content(visit, group),
    storage(visit, group),
    settings(visit, group),
  ])
  return {
    title: group.full_path,
    main: html`<div class="page-head">
        ${breadcrumb(visit, group.full_path)}
        <div class="title-line">
          <h1>${group.name}</h1>
          ${visibilityBadge(group.visibility)}${await actions(visit, group)}
        </div>
        ${group.description ? html`<p class="lead">${group.description}</p>` : ''} ${stored}
      </div>
      ${inside} ${packageList(visit, list, noPackages)} ${kept}
      ${installLines(visit, registryOf(visit, group), list.held)} ${set}`,
  }
}

async function settings(visit: Visit, group: GroupRow): Promise<Html> {
  if (!(await may(visit, 'read_settings', { group }))) return ''
  const [upstreams, retention] = await Promise.all([
    groupUpstreams(visit, group),
    groupRetention(visit, group),
  ])
  return html`${upstreams} ${retention}`
}

const noPackages = html`<div class="empty">
  <h2>No packages yet</h2>
  <p>Packages are published to the projects in this group, and gathered here.</p>
</div>`

async function actions(visit: Visit, group: GroupRow): Promise<Html> {
  const at = visit.to(`/groups/${group.full_path}/-`)
  const mayGroup = await may(visit, 'create_subgroup', { group })
  const mayManage = await may(visit, 'admin_group', { group })
  const mayProject = await may(visit, 'create_project', { group })
  return html`<span class="actions">
    ${mayManage ? html`<a class="button" href="${at}/upstreams">Upstreams</a>` : ''}
    ${mayManage ? html`<a class="button" href="${at}/access_tokens">Tokens</a>` : ''}
    ${mayGroup ? html`<a class="button" href="${at}/new-group">New subgroup</a>` : ''}
    ${mayProject ? html`<a class="button primary" href="${at}/new-project">New project</a>` : ''}</span
  >`
}

/** For the group's owners: what stands in projects that others may not see counts, too. */
async function storage(visit: Visit, group: GroupRow): Promise<Html> {
  if (!(await may(visit, 'review_group', { group }))) return ''
  return storageLine(await usageBelow(visit.core.database.read, group.id), group.packages_size_limit)
}

/** The most subgroups and projects one page shows. */
const mostShown = 100

async function content(visit: Visit, group: GroupRow): Promise<Html> {
  const { core, principal } = visit
  const subgroups = visibleGroups(core, principal)
    .selectAll('groups')
    .where('groups.parent_id', '=', group.id)
    .orderBy('groups.full_path')
    .limit(mostShown)
  const below = visibleProjects(core, principal)
    .selectAll('projects')
    .where('projects.group_id', '=', group.id)
    .orderBy('projects.full_path')
    .limit(mostShown)
  const [groups, projects] = await Promise.all([subgroups.execute(), below.execute()])
  if (groups.length + projects.length === 0) return ''
  return html`<section aria-labelledby="content-title">
    <div class="section-head"><h2 id="content-title">In this group</h2></div>
    ${await ownerRows(visit, groups, projects)}
  </section>`
}

function registryOf({ core, generation }: Visit, group: GroupRow): Registry {
  return {
    level: 'group',
    prefix: (formatId) =>
      groupSource(core, () => generation, group, { formatId, idInUrl: String(group.id) }).prefix,
  }
}
