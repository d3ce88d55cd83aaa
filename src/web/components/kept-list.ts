/** Names kept from upstreams, beside packages and never among them. */
import type { Resource } from '../../core/access/authorize.ts'
import { mostFilesCounted, type KeptAmount } from '../../core/records/upstream-kept.ts'
import type { Source } from '../../core/registry/source.ts'
import { keptSourcesOf, type KeptSource } from '../../core/upstream/kept/level.ts'
import { firstKeptNames, type KeptName } from '../../core/upstream/kept/names.ts'
import { byteAmount } from '../../lib/byte-amount.ts'
import { html, type Html } from '../html.ts'
import type { Visit } from '../visit.ts'
import { count, when } from './amounts.ts'
import { pageNumber } from './pagination.ts'
import { searched } from './search.ts'

/** As many stand beside the packages that a search finds. */
const mostBeside = 20

/** Beside a level's packages: the names that its search finds, or where all of them are shown. */
export async function keptBeside(visit: Visit, level: Resource): Promise<Html> {
  if (pageNumber(visit) > 1) return ''
  const format = visit.target.query.get('format') ?? ''
  const all = await keptSourcesOf(visit, level)
  const isKnown = visit.core.formats.has(format)
  const sources = isKnown ? all.filter(({ upstream }) => upstream.format === format) : all
  const search = searched(visit)
  const address = `${keptAddress(level)}${search ? `?${new URLSearchParams({ search })}` : ''}`
  if (search) return keptFound(visit, sources, address)
  const { names } = await firstKeptNames(visit.core.database.scan, sources, '', 1)
  if (names.length === 0) return ''
  return section(
    html`<p>
      <a href="${visit.to(address)}">Show what is kept</a> of the registries elsewhere that those here fill
      from.
    </p>`,
  )
}

/** The first names that the page's search finds; nothing where it finds none. `address` shows all of them. */
export async function keptFound(
  visit: Visit,
  sources: readonly KeptSource[],
  address?: string,
): Promise<Html> {
  const { names, more } = await firstKeptNames(visit.core.database.scan, sources, searched(visit), mostBeside)
  if (names.length === 0) return ''
  const all = address && html`<a href="${visit.to(address)}">Show all of them</a>`
  return section(html`
    ${keptRows(visit, names)}
    ${more ? html`<p class="muted">There are more than these. ${all ?? 'Search for more of the name.'}</p>` : ''}
  `)
}

const section = (content: Html): Html =>
  html`<section aria-labelledby="kept-title">
    <div class="section-head"><h2 id="kept-title">Kept from upstream</h2></div>
    ${content}
  </section>`

export const keptRows = (visit: Visit, names: readonly KeptName[]): Html =>
  html`<ul class="rows" role="list">
    ${names.map((name) => keptRow(visit, name))}
  </ul>`

function keptRow(visit: Visit, one: KeptName): Html {
  const { site, to, core } = visit
  const { upstream, registry, name } = one
  const { id, title } = registry.format
  const query = new URLSearchParams({ upstream: String(upstream.id), name })
  return html`<li class="row">
    <span class="icon" title="${title}"
      ><span aria-hidden="true">${site.icon(id)}</span><span class="visually-hidden">${title}</span></span
    >
    <div class="row-main">
      <a class="row-title" href="${to(`${keptAddress(registry.source.place)}?${query}`)}">${name}</a>
      <span class="badge">from ${upstream.name}</span>
      <p class="row-detail">${title} · ${amountWords(one)}</p>
    </div>
    <div class="row-side"><span class="muted">used ${when(one.lastUsedAt, core.clock())}</span></div>
  </li>`
}

/** `3 files, 1.4 MB`. */
export const amountWords = ({ files, size }: KeptAmount) =>
  `${count(files, 'file', mostFilesCounted)}, ${files > mostFilesCounted ? 'more than ' : ''}${byteAmount(size)}`

/** Where the names kept for a level's registries are shown, without the public URL's own path. */
export function keptAddress(place: Source['place'] | Resource): string {
  if (place.kind === 'instance') return '/-/kept'
  if (place.kind === 'group') return `/groups/${place.group.full_path}/-/kept`
  return `/${place.project.full_path}/-/kept`
}
