import { createLinks } from '../../core/registry/links.ts'
import type { ProjectRow } from '../../database/schema.ts'
import { sentence } from '../components/form.ts'
import { dependencyList, factList, fileTable, readme, versionList } from '../components/package-details.ts'
import { breadcrumb } from '../components/page-head.ts'
import { snippetTabs } from '../components/snippets.ts'
import { html, type Html } from '../html.ts'
import { readProject } from '../owners.ts'
import { readFile, readPackage, type PackageRecord } from '../package-record.ts'
import type { Download, Page } from '../route.ts'
import type { Visit } from '../visit.ts'
import { registryOf } from './project.ts'

/** Everything about one version of a package. */
export async function packagePage(visit: Visit, path: string, id: number): Promise<Page> {
  const project = await readProject(visit, path)
  const found = await readPackage(visit, project, id)
  const { description, name, row } = found
  return {
    title: `${name.name} ${row.version}`,
    main: html`${head(visit, project, found)} ${standing(found)}
      <div class="columns">
        <div class="main-column">
          ${install(visit, project, found)} ${description?.readme ? readme(description.readme) : ''}
          ${fileTable(visit, project, found.files)}
          ${description?.dependencies ? dependencyList(description.dependencies) : ''}
        </div>
        <aside class="side-column" aria-label="About this package">
          ${factList(visit, found)} ${versionList(visit, project, found)}
        </aside>
      </div>`,
  }
}

function head(
  visit: Visit,
  project: ProjectRow,
  { name, row, format, description, tags }: PackageRecord,
): Html {
  const { to, site } = visit
  const back = html`<a href="${to(`/${project.full_path}`)}">${project.path}</a>`
  return html`<div class="page-head">
    ${breadcrumb(visit, project.full_path, back)}
    <div class="title-line">
      <span class="icon big" aria-hidden="true">${site.icon(format.id)}</span>
      <h1>${name.name} <span class="version">${row.version}</span></h1>
      <span class="badge">${format.title}</span
      >${tags.map((tag) => html`<span class="badge tag">${tag}</span>`)}
    </div>
    ${description?.summary ? html`<p class="lead">${description.summary}</p>` : ''}
  </div>`
}

function standing({ row, description }: PackageRecord): Html {
  const reason = row.status_message ? sentence(row.status_message) : ''
  if (!description) {
    return html`<p class="notice bad">
      What is stored about this version cannot be read any more. Its files are as they were.
    </p>`
  }
  if (row.withdrawn)
    return html`<p class="notice warn">
      <b>Withdrawn.</b> ${reason || 'Clients no longer choose this version.'}
    </p>`
  if (row.status === 'deprecated') return html`<p class="notice warn"><b>Deprecated.</b> ${reason}</p>`
  if (row.status === 'error') return html`<p class="notice bad"><b>Not usable.</b> ${reason}</p>`
  if (row.status === 'hidden')
    return html`<p class="notice"><b>Hidden.</b> Lists and search leave this version out.</p>`
  return ''
}

function install(visit: Visit, project: ProjectRow, { format, name, row, tags }: PackageRecord): Html {
  const registry = registryOf(visit, project)
  const snippets = format.install({
    links: createLinks(visit.core.config.publicUrl, registry.prefix(format.id)),
    level: 'project',
    package: { name: name.name, version: row.version, tags },
  })
  return html`<section aria-labelledby="install-title">
    <h2 id="install-title">Install</h2>
    ${snippetTabs('install', `How to install ${name.name}`, snippets)}
  </section>`
}

/** The bytes of one file, always as an attachment. */
export async function download(visit: Visit, path: string, id: number): Promise<Download> {
  const project = await readProject(visit, path)
  return { file: await readFile(visit, project, id) }
}
