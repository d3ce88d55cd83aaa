import { usageOf } from '../../core/records/usage.ts'
import { projectSource } from '../../core/registry/project-source.ts'
import type { ProjectRow } from '../../database/schema.ts'
import { installLines, type Registry } from '../components/install-lines.ts'
import { keptBeside } from '../components/kept-list.ts'
import { loadList, packageList } from '../components/package-list.ts'
import { storageLine } from '../components/storage-line.ts'
import { breadcrumb, visibilityBadge } from '../components/page-head.ts'
import { projectRetention } from '../components/retention.ts'
import { projectUpstreams } from '../components/upstream-list.ts'
import { html, type Html } from '../html.ts'
import { may, seenProject } from '../owners.ts'
import type { Page } from '../route.ts'
import type { Visit } from '../visit.ts'

/** The packages of one project, and how to use them. */
export async function projectPage(visit: Visit, path: string): Promise<Page> {
  const { project, mayRead } = await seenProject(visit, path)
  const [stored, packages, set] = await Promise.all([
    mayRead ? storage(visit, project) : '',
    mayRead ? packagesOf(visit, project) : notReadable,
    settings(visit, project),
  ])
  return {
    title: project.full_path,
    main: html`<div class="page-head">
        ${breadcrumb(visit, project.full_path)}
        <div class="title-line">
          <h1>${project.name}</h1>
          ${visibilityBadge(project.visibility)}${await actions(visit, project)}
        </div>
        ${project.description ? html`<p class="lead">${project.description}</p>` : ''} ${stored}
      </div>
      ${packages} ${set}`,
  }
}

const storage = async ({ core }: Visit, project: ProjectRow): Promise<Html> =>
  storageLine(await usageOf(core.database.read, project), project.packages_size_limit)

async function settings(visit: Visit, project: ProjectRow): Promise<Html> {
  if (!(await may(visit, 'read_settings', { project }))) return ''
  const [upstreams, retention] = await Promise.all([
    projectUpstreams(visit, project),
    projectRetention(visit, project),
  ])
  return html`${upstreams} ${retention}`
}

async function actions(visit: Visit, project: ProjectRow): Promise<Html> {
  if (!(await may(visit, 'admin_project', { project }))) return ''
  const at = visit.to(`/${project.full_path}/-`)
  return html`<span class="actions"
    ><a class="button" href="${at}/upstreams">Upstreams</a>
    <a class="button" href="${at}/access_tokens">Tokens</a></span
  >`
}

const notReadable = html`<div class="empty">
  <h2>Packages are for reporters and above</h2>
  <p>Your role lets you see this project, but not read its packages. Ask a maintainer.</p>
</div>`

async function packagesOf(visit: Visit, project: ProjectRow): Promise<Html> {
  const [list, kept, mayPublish] = await Promise.all([
    loadList(visit, { projects: project.id, showProject: false }),
    keptBeside(visit, { kind: 'project', project }),
    may(visit, 'publish', { project }),
  ])
  return html`${packageList(visit, list, nothingYet(mayPublish))} ${kept}
  ${installLines(visit, registryOf(visit, project), list.held)}`
}

const nothingYet = (mayPublish: boolean) =>
  html`<div class="empty">
    <h2>No packages yet</h2>
    <p>
      ${
        mayPublish
          ? 'Publish the first one with the lines below: the client you already use is enough.'
          : 'Nothing was published here so far.'
      }
    </p>
  </div>`

/** The registry of a project, by its number: that stays when the project is renamed. */
export function registryOf({ core, generation }: Visit, project: ProjectRow): Registry {
  return {
    level: 'project',
    prefix: (formatId) =>
      projectSource(core, () => generation, project, { formatId, idInUrl: String(project.id) }).prefix,
  }
}
