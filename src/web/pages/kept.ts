/** What the registries of a group, a project or the instance keep from upstreams, for whoever may read them. */
import type { Resource } from '../../core/access/authorize.ts'
import { keptSourcesOf, mayEnter, type KeptSource } from '../../core/upstream/kept/level.ts'
import {
  keptName,
  pageOfKeptFiles,
  windowOfKeptNames,
  type KeptFileOfName,
  type KeptName,
} from '../../core/upstream/kept/names.ts'
import { byteAmount } from '../../lib/byte-amount.ts'
import { notFound } from '../../lib/problem.ts'
import { when } from '../components/amounts.ts'
import { numberOf } from '../components/form-values.ts'
import { amountWords, keptAddress, keptRows } from '../components/kept-list.ts'
import { breadcrumb } from '../components/page-head.ts'
import { pageNumber, pageSize, pagination } from '../components/pagination.ts'
import { searched } from '../components/search.ts'
import { html, type Html } from '../html.ts'
import { readProject, seenGroup } from '../owners.ts'
import type { Page, WebRoute } from '../route.ts'
import type { Visit } from '../visit.ts'

/** Whose registries a page is about. */
export type KeptPlace =
  | { readonly kind: 'group' | 'project'; readonly path: string }
  | { readonly kind: 'instance' }

export const instanceKeptRoutes: readonly WebRoute[] = [
  { method: 'GET', path: '/-/kept', for: 'readers', run: (visit) => keptPage(visit, { kind: 'instance' }) },
]

/** The names, or where the address has one (`?upstream=3&name=left-pad`) what is kept of it. */
export async function keptPage(visit: Visit, place: KeptPlace): Promise<Page> {
  const level = await levelAt(visit, place)
  const sources = await keptSourcesOf(visit, level)
  const name = visit.target.query.get('name')
  return name === null ? namesPage(visit, level, sources) : namePage(visit, level, sources, name)
}

/** Throws as for a missing one where the caller may not read its registries. */
async function levelAt(visit: Visit, place: KeptPlace): Promise<Resource> {
  if (place.kind === 'project') return { kind: 'project', project: await readProject(visit, place.path) }
  const level =
    place.kind === 'group'
      ? ({ kind: 'group', group: await seenGroup(visit, place.path) } as const)
      : ({ kind: 'instance' } as const)
  if (!(await mayEnter(visit, level))) throw notFound()
  return level
}

const windowOf = (visit: Visit) => ({ offset: (pageNumber(visit) - 1) * pageSize, limit: pageSize })

async function namesPage(visit: Visit, level: Resource, sources: readonly KeptSource[]): Promise<Page> {
  const search = searched(visit)
  const { scan } = visit.core.database
  const { names, more } = await windowOfKeptNames(scan, sources, search, windowOf(visit))
  const address = visit.to(keptAddress(level))
  return {
    title: `Kept from upstream · ${pathOf(level)}`,
    main: html`<div class="page-head">
        ${crumbs(visit, level)}
        <h1>Kept from upstream</h1>
        <p class="lead">
          What the registries here fetched from others and keep. None of it was published here: no list, count
          or quota of packages has it.
        </p>
      </div>
      <form class="filter" role="search" action="${address}">
        <label class="visually-hidden" for="search">Search by name</label>
        <input id="search" name="search" type="search" placeholder="Search by name" value="${search}" />
        <button class="button">Search</button>
      </form>
      <section aria-labelledby="names-title">
        <h2 id="names-title" class="visually-hidden">Names</h2>
        ${names.length > 0 ? keptRows(visit, names) : nothing(search === '' ? '' : address, more)}
        ${pagination(visit, pageNumber(visit), more)}
      </section>`,
  }
}

/** `all` is the address of all names, where not all were asked for. */
const nothing = (all: string, more: boolean): Html =>
  html`<div class="empty small">
    <p>
      ${more ? 'No name on this page is served here.' : all ? 'Nothing that is kept matches.' : 'Nothing is kept.'}
      ${all ? html`<a href="${all}">Show all</a>` : ''}
    </p>
  </div>`

async function namePage(
  visit: Visit,
  level: Resource,
  sources: readonly KeptSource[],
  name: string,
): Promise<Page> {
  const key = { upstreamId: numberOf(visit.target.query.get('upstream') ?? ''), name }
  const { scan } = visit.core.database
  const found = await keptName(scan, sources, key)
  if (!found) throw notFound()
  const { items, more } = await pageOfKeptFiles(scan, key, windowOf(visit))
  return {
    title: `${name} · kept from ${found.upstream.name}`,
    main: html`${head(visit, level, found)}
      <section aria-labelledby="files-title">
        <div class="section-head"><h2 id="files-title">Kept files</h2></div>
        <ul class="rows files" role="list">
          ${items.map((file) => fileRow(visit, file))}
        </ul>
        ${pagination(visit, pageNumber(visit), more)}
      </section>`,
  }
}

function head(visit: Visit, level: Resource, one: KeptName): Html {
  const { id, title } = one.registry.format
  const back = html`<a href="${visit.to(keptAddress(level))}">Kept from upstream</a>`
  return html`<div class="page-head">
    ${crumbs(visit, level, back)}
    <div class="title-line">
      <span class="icon big" aria-hidden="true">${visit.site.icon(id)}</span>
      <h1>${one.name}</h1>
      <span class="badge">${title}</span>
      <span class="badge">from ${one.upstream.name}</span>
    </div>
    <p class="lead">
      Not published here, but fetched from ${one.upstream.name} and kept: ${amountWords(one)}. Last used
      ${when(one.lastUsedAt, visit.core.clock())}.
    </p>
  </div>`
}

function fileRow({ core }: Visit, { path, version, size, lastUsedAt, keptAt }: KeptFileOfName): Html {
  const now = core.clock()
  return html`<li class="row">
    <div class="row-main">
      <span class="row-title">${path.slice(path.lastIndexOf('/') + 1)}</span>
      <p class="row-detail">${path}</p>
      <p class="row-detail">Kept ${when(keptAt, now)}, last used ${when(lastUsedAt, now)}</p>
    </div>
    <div class="row-side">
      ${version === null ? '' : html`<code>${version}</code>`}<span>${byteAmount(size)}</span>
    </div>
  </li>`
}

const pathOf = (level: Resource) =>
  level.kind === 'instance'
    ? 'the instance'
    : level.kind === 'group'
      ? level.group.full_path
      : level.project.full_path

function crumbs(visit: Visit, level: Resource, ...last: readonly Html[]): Html {
  if (level.kind === 'instance') return breadcrumb(visit, '', ...last)
  const path = pathOf(level)
  const home = visit.to(level.kind === 'group' ? `/groups/${path}` : `/${path}`)
  return breadcrumb(visit, path, html`<a href="${home}">${path.split('/').at(-1)}</a>`, ...last)
}
