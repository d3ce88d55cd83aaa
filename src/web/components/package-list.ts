/** The list of package names at a project or group: search, filter, pages. */
import { formatsHeld } from '../../core/records/listed-names.ts'
import { listNames, type ListedName } from '../../core/records/name-lists.ts'
import { mostCounted } from '../../core/records/pages.ts'
import type { ProjectSet } from '../../core/records/project-sets.ts'
import { html, type Html } from '../html.ts'
import type { Visit } from '../visit.ts'
import { amount, count, when } from './amounts.ts'
import { pageNumber, pageSize, pagination } from './pagination.ts'
import { searched } from './search.ts'

export interface ListOptions {
  /** Projects whose packages the caller may read. */
  readonly projects: ProjectSet
  /** Show which project each package is in. */
  readonly showProject: boolean
  /** Of the names shown, those whose packages this registry serves; left out: all. */
  served?(names: readonly ListedName[]): Promise<ReadonlySet<number>>
}

export interface LoadedList {
  readonly rows: readonly ListedName[]
  readonly total: number
  /** Formats with packages here, filtered or not. */
  readonly held: readonly string[]
  readonly served: ReadonlySet<number> | undefined
  readonly options: ListOptions
}

/** Reads the page of names that the address asks for. */
export async function loadList(visit: Visit, options: ListOptions): Promise<LoadedList> {
  const { core, target } = visit
  const format = target.query.get('format') ?? ''
  const filter = {
    projects: options.projects,
    format: core.formats.has(format) ? format : undefined,
    search: searched(visit),
  }
  const { scan } = core.database
  const page = { offset: (pageNumber(visit) - 1) * pageSize, limit: pageSize }
  const [loaded, held] = await Promise.all([
    listNames(scan, filter, page),
    formatsHeld(scan, options.projects, [...core.formats.keys()]),
  ])
  return { ...loaded, held, served: await options.served?.(loaded.rows), options }
}

/** The list with its search form; `whenEmpty` stands where there is no package at all. */
export function packageList(visit: Visit, list: LoadedList, whenEmpty: Html): Html {
  if (list.held.length === 0) return whenEmpty
  return html`<section aria-labelledby="packages-title">
    <div class="section-head">
      <h2 id="packages-title">Packages</h2>
      <span class="muted">${amount(list.total, mostCounted)}</span>
    </div>
    ${filterForm(visit, list)}
    ${
      list.rows.length === 0
        ? html`<div class="empty small">
            <p>No package matches. <a href="${visit.to(visit.target.path)}">Show all</a></p>
          </div>`
        : html`<ul class="rows" role="list">
            ${list.rows.map((row) => packageRow(visit, row, list.options, list.served))}
          </ul>`
    }
    ${pagination(visit, pageNumber(visit), list.total > pageNumber(visit) * pageSize)}
  </section>`
}

function filterForm(visit: Visit, { held }: LoadedList): Html {
  const chosen = visit.target.query.get('format')
  const formats = [...visit.core.formats.values()].filter((format) => held.includes(format.id))
  return html`<form class="filter" role="search" action="${visit.to(visit.target.path)}">
    <label class="visually-hidden" for="search">Search by name</label>
    <input id="search" name="search" type="search" placeholder="Search by name" value="${searched(visit)}" />
    ${
      formats.length > 1
        ? html`<label class="visually-hidden" for="format">Format</label>
            <select id="format" name="format">
              <option value="">All formats</option>
              ${formats.map(({ id, title }) => html`<option value="${id}" ${id === chosen ? 'selected' : ''}>${title}</option>`)}
            </select>`
        : ''
    }
    <button class="button">Search</button>
  </form>`
}

/** `served`: as of the list. */
export function packageRow(
  visit: Visit,
  row: ListedName,
  options: Pick<ListOptions, 'showProject'>,
  served?: ReadonlySet<number>,
): Html {
  const { core, site, to } = visit
  const { name, last, projectPath } = row
  const title = core.formats.get(name.format)?.title ?? name.format
  const address = to(`/${projectPath}/-/packages/${last.id}`)
  return html`<li class="row">
    <span class="icon" title="${title}"
      ><span aria-hidden="true">${site.icon(name.format)}</span
      ><span class="visually-hidden">${title}</span></span
    >
    <div class="row-main">
      <a class="row-title" href="${address}">${name.name}</a>
      <p class="row-detail">
        ${options.showProject ? html`<a href="${to(`/${projectPath}`)}">${projectPath}</a> · ` : ''}${count(row.versions, 'version')}${shadowNote(row, served)}
      </p>
    </div>
    <div class="row-side">
      <code>${last.version}</code><span class="muted">${when(last.createdAt, core.clock())}</span>
    </div>
  </li>`
}

const shadowNote = ({ name }: ListedName, served: ReadonlySet<number> | undefined): Html =>
  !served || served.has(name.id)
    ? ''
    : html` ·
        <span class="badge warn" title="Another project owns this name here; its packages are served"
          >shadowed</span
        >`
