import { sql } from 'kysely'
import { readableProjects } from '../../core/access/readable.ts'
import { visibleGroups, visibleProjects } from '../../core/access/visible.ts'
import { mayCreateTopLevel } from '../../core/owners/create.ts'
import { firstListed } from '../../core/records/name-lists.ts'
import { containing } from '../../core/records/pages.ts'
import { keptSourcesEverywhere } from '../../core/upstream/kept/everywhere.ts'
import { keptFound } from '../components/kept-list.ts'
import { ownerRows } from '../components/owner-rows.ts'
import { packageRow } from '../components/package-list.ts'
import { pageNumber, pageSize, pagination } from '../components/pagination.ts'
import { searched } from '../components/search.ts'
import { html, type Html } from '../html.ts'
import type { Page, WebRoute } from '../route.ts'
import type { Visit } from '../visit.ts'

export const homeRoutes: readonly WebRoute[] = [{ method: 'GET', path: '/', for: 'readers', run: homePage }]

/** The groups and projects that the caller sees; a search finds packages and what is kept from upstreams, too. */
async function homePage(visit: Visit): Promise<Page> {
  const { groups, projects, more } = await load(visit)
  const isTopLevelAllowed = await mayCreateTopLevel(visit)
  const isEmpty = groups.length + projects.length === 0 && visit.target.query.size === 0
  return {
    title: 'Projects',
    main: html`<div class="page-head">
        <div class="title-line">
          <h1>Groups and projects</h1>
          ${isTopLevelAllowed && !isEmpty ? html`<span class="actions"><a class="button primary" href="${visit.to('/-/new-group')}">New group</a></span>` : ''}
        </div>
      </div>
      ${isEmpty ? firstSteps(visit, isTopLevelAllowed) : await lists(visit, groups, projects, more)}`,
  }
}

async function load(visit: Visit) {
  const { core, principal } = visit
  const pattern = containing(searched(visit))
  const groups = visibleGroups(core, principal)
    .selectAll('groups')
    .where('groups.parent_id', 'is', null)
    .where(sql`lower(groups.full_path)`, 'like', sql`${pattern} escape '\\'`)
    .orderBy('groups.full_path')
    .limit(pageNumber(visit) === 1 ? 100 : 0)
  const projects = visibleProjects(core, principal)
    .selectAll('projects')
    .where(sql`lower(projects.full_path)`, 'like', sql`${pattern} escape '\\'`)
    .orderBy('projects.full_path')
    .offset((pageNumber(visit) - 1) * pageSize)
    .limit(pageSize + 1)
  const [found, rows] = await Promise.all([groups.execute(), projects.execute()])
  return { groups: found, projects: rows.slice(0, pageSize), more: rows.length > pageSize }
}

type Loaded = Awaited<ReturnType<typeof load>>

async function lists(
  visit: Visit,
  groups: Loaded['groups'],
  projects: Loaded['projects'],
  more: boolean,
): Promise<Html> {
  const [ofGroups, ofProjects, ofPackages, ofKept] = await Promise.all([
    ownerRows(visit, groups, []),
    ownerRows(visit, [], projects),
    packagesFound(visit),
    keptOf(visit),
  ])
  const isNothing = groups.length + projects.length === 0 && ofPackages === '' && ofKept === ''
  return html`<form class="filter" role="search" action="${visit.to('/')}">
      <label class="visually-hidden" for="search">Find a group, project or package</label>
      <input
        id="search"
        name="search"
        type="search"
        placeholder="Find a group, project or package"
        value="${searched(visit)}"
      />
      <button class="button">Search</button>
    </form>
    ${
      groups.length > 0
        ? html`<section aria-labelledby="groups">
            <div class="section-head"><h2 id="groups">Groups</h2></div>
            ${ofGroups}
          </section>`
        : ''
    }
    ${
      projects.length > 0
        ? html`<section aria-labelledby="projects">
            <div class="section-head"><h2 id="projects">Projects</h2></div>
            ${ofProjects}
          </section>`
        : ''
    }
    ${ofPackages} ${ofKept}
    ${
      isNothing
        ? html`<div class="empty small">
            <p>Nothing matches. <a href="${visit.to('/')}">Show all</a></p>
          </div>`
        : ''
    }
    ${pagination(visit, pageNumber(visit), more)}`
}

const isSearch = (visit: Visit) => searched(visit) !== '' && pageNumber(visit) === 1

/** As many packages stand beside the groups and projects that a search finds. */
const mostBeside = 20

async function packagesFound(visit: Visit): Promise<Html> {
  if (!isSearch(visit)) return ''
  const { core, principal } = visit
  const projects = readableProjects(core, principal, { kind: 'all' })
  const filter = { projects, search: searched(visit) }
  const { rows, more } = await firstListed(core.database.scan, filter, mostBeside)
  if (rows.length === 0) return ''
  return html`<section aria-labelledby="packages-title">
    <div class="section-head"><h2 id="packages-title">Packages</h2></div>
    <ul class="rows" role="list">
      ${rows.map((row) => packageRow(visit, row, { showProject: true }))}
    </ul>
    ${more ? html`<p class="muted">There are more than these. Search for more of the name.</p>` : ''}
  </section>`
}

const keptOf = async (visit: Visit): Promise<Html> =>
  isSearch(visit) ? keptFound(visit, await keptSourcesEverywhere(visit)) : ''

function firstSteps({ to, principal }: Visit, isTopLevelAllowed: boolean): Html {
  if (!isTopLevelAllowed) {
    return html`<div class="empty">
      <h2>Nothing here yet</h2>
      <p>
        ${
          principal.kind === 'user'
            ? 'No group or project is open to you so far. Ask an administrator, or the owner of a group, to add you.'
            : 'There are no public projects on this server. Sign in to see yours.'
        }
      </p>
    </div>`
  }
  return html`<section class="steps" aria-labelledby="steps">
    <h2 id="steps">Three steps to the first package</h2>
    <ol>
      <li>
        <h3>Create a group</h3>
        <p>One for your team or company. It gathers the packages of its projects under one address.</p>
        <a class="button primary" href="${to('/-/new-group')}">New group</a>
      </li>
      <li>
        <h3>Add a project</h3>
        <p>Packages belong to a project. Its page shows the lines that set up each client.</p>
      </li>
      <li>
        <h3>Make a token</h3>
        <p>Clients sign in with it to publish and install.</p>
        <a class="button" href="${to('/tokens')}">Access tokens</a>
      </li>
    </ol>
  </section>`
}
