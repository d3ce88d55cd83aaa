/** The parts of a package's page. All text in them comes from whoever published it. */
import type { FileWithBlob } from '../../core/records/files.ts'
import type { ProjectRow } from '../../database/schema.ts'
import type { Description } from '../../formats/format.ts'
import { html, type Html } from '../html.ts'
import type { OtherVersion, PackageRecord } from '../package-record.ts'
import type { Visit } from '../visit.ts'
import { byteAmount } from '../../lib/byte-amount.ts'
import { amount, when } from './amounts.ts'

const longestReadme = 200_000

/** As plain text. */
export function readme(text: string): Html {
  const shown = text.slice(0, longestReadme)
  return html`<section aria-labelledby="readme-title">
    <h2 id="readme-title">Readme</h2>
    <pre class="readme" tabindex="0">${shown}${shown.length < text.length ? '\n…' : ''}</pre>
  </section>`
}

export function fileTable(visit: Visit, project: ProjectRow, files: readonly FileWithBlob[]): Html {
  return html`<section aria-labelledby="files-title">
    <div class="section-head">
      <h2 id="files-title">Files</h2>
      <span class="muted">${files.length}</span>
    </div>
    <ul class="rows files" role="list">
      ${files.map((file) => fileRow(visit, project, file))}
    </ul>
  </section>`
}

function fileRow({ to }: Visit, project: ProjectRow, file: FileWithBlob): Html {
  const name = file.path.slice(file.path.lastIndexOf('/') + 1)
  const address = to(`/${project.full_path}/-/package_files/${file.id}/download`)
  return html`<li class="row">
    <div class="row-main">
      <a class="row-title" href="${address}" download>${name}</a>
      <p class="row-detail digest"><abbr title="SHA-256">sha256</abbr> <code>${file.blob.sha256}</code></p>
    </div>
    <div class="row-side"><span>${byteAmount(file.blob.size)}</span></div>
  </li>`
}

type Dependencies = NonNullable<Description['dependencies']>
/** The most dependencies shown. */
const mostDependencies = 500

export function dependencyList(all: Dependencies): Html {
  if (all.length === 0) return ''
  const groups = Map.groupBy(all.slice(0, mostDependencies), (one) => one.group ?? '')
  return html`<section aria-labelledby="dependencies-title">
    <div class="section-head">
      <h2 id="dependencies-title">Dependencies</h2>
      <span class="muted">${all.length}</span>
    </div>
    ${[...groups].map(
      ([group, list]) =>
        html`<div class="dependency-group">
          ${group && (groups.size > 1 || group !== 'dependencies') ? html`<h3>${group}</h3>` : ''}
          <ul class="chips" role="list">
            ${list.map(({ name, range }) => html`<li>${name} <span class="muted">${range}</span></li>`)}
          </ul>
        </div>`,
    )}
    ${all.length > mostDependencies ? html`<p class="muted">and ${all.length - mostDependencies} more</p>` : ''}
  </section>`
}

/** Licence, links, who and when, and what else the format tells. */
export function factList(
  visit: Visit,
  { description, row, publisher, files, downloads }: PackageRecord,
): Html {
  const total = files.reduce((sum, file) => sum + file.blob.size, 0)
  return html`<section aria-labelledby="about-title">
    <h2 id="about-title">About</h2>
    <dl class="facts">
      ${fact('Licence', description?.license)} ${fact('Published', when(row.created_at, visit.core.clock()))}
      ${fact('Published by', publisher)} ${fact('Size', byteAmount(total))}
      ${fact('Downloads', amount(downloads))}
      ${otherFacts(description).map(({ label, value }) => fact(label, value))}
    </dl>
    ${linkList(description?.links)}
    ${
      description?.keywords?.length
        ? html`<ul class="chips" role="list" aria-label="Keywords">
            ${description.keywords.slice(0, 50).map((word) => html`<li>${word}</li>`)}
          </ul>`
        : ''
    }
  </section>`
}

/** What the format tells beside what we know ourselves. */
const otherFacts = (description: Description | undefined) =>
  (description?.facts ?? []).filter(({ label }) => label !== 'Published by')

const fact = (label: string, value: Html | string | undefined): Html =>
  value
    ? html`<div>
        <dt>${label}</dt>
        <dd>${value}</dd>
      </div>`
    : ''

const openable = new Set(['http:', 'https:', 'mailto:'])

function linkList(links: Description['links'] = {}): Html {
  const safe = Object.entries(links).filter(
    ([, address]) => URL.canParse(address) && openable.has(new URL(address).protocol),
  )
  if (safe.length === 0) return ''
  return html`<ul class="links" role="list">
    ${safe.map(
      ([label, address]) =>
        html`<li>
          <a href="${address}" rel="nofollow noopener noreferrer" title="${address}">${label}</a>
        </li>`,
    )}
  </ul>`
}

/** Versions shown before all are asked for, and then. */
const fewVersions = 12
const mostVersions = 2000

export function versionList(visit: Visit, project: ProjectRow, found: PackageRecord): Html {
  const { versions } = found
  const isAll = visit.target.query.get('versions') === 'all'
  const shown = versions.slice(0, isAll ? mostVersions : fewVersions)
  const all = `${visit.to(visit.target.path)}?versions=all#versions-title`
  return html`<section aria-labelledby="versions-title">
    <div class="section-head">
      <h2 id="versions-title">Versions</h2>
      <span class="muted">${versions.length}</span>
    </div>
    <ul class="versions" role="list">
      ${shown.map((one) => versionRow(visit, project, found, one))}
    </ul>
    ${shown.length < versions.length && !isAll ? html`<p><a href="${all}">Show all ${versions.length}</a></p>` : ''}
  </section>`
}

function versionRow(visit: Visit, project: ProjectRow, found: PackageRecord, one: OtherVersion): Html {
  const address = visit.to(`/${project.full_path}/-/packages/${one.id}`)
  const tags = found.tagsOf.get(one.version) ?? []
  return html`<li>
    <a href="${address}" ${one.id === found.row.id ? html`aria-current="true"` : ''}>${one.version}</a>
    ${tags.map((tag) => html`<span class="badge tag">${tag}</span>`)}
    ${one.status === 'deprecated' ? html`<span class="badge warn">deprecated</span>` : ''}
    <span class="muted">${when(one.createdAt, visit.core.clock())}</span>
  </li>`
}
