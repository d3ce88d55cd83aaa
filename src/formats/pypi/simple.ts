/**
 * The simple index (PEP 503, PEP 691): per project the list of its files, in two forms, and the list of all projects.
 * It says sizes and times (PEP 700), core metadata (PEP 714), what is yanked (PEP 592), provenance (PEP 740) and the
 * project's status (PEP 792).
 */
import { inTurns } from '../../lib/turn.ts'
import type {
  DocumentPart,
  IndexDocument,
  Links,
  NameDocument,
  NameView,
  ReadCall,
  Reply,
} from '../format.ts'
import { chooseForm, jsonType, plainType } from './accept.ts'
import { listMember, opened } from './json-pieces.ts'
import type { PypiModels } from './models.ts'
import { nameInAddress, readName } from './names.ts'
import { shownFiles, type ShownFile } from './shown-files.ts'
import { anchorOf, page, statusTag } from './simple-html.ts'
import { fileJson } from './simple-json.ts'

const meta = { 'api-version': '1.4' }
const headers = { vary: 'Accept' }

/** Two parts: '' is HTML, 'json' JSON. A project without releases has no page. */
export const simple: NameDocument<PypiModels> = {
  of: 'name',
  async encode(name, { links }) {
    if (name.packages.length === 0) return undefined
    const offered = name.metadata?.status === 'quarantined' ? [] : name.packages
    const files = await shownFiles(offered, links)
    const versions = offered.map(({ version }) => version)
    return [await htmlPart(name, files), await jsonPart(name, files, versions)]
  },
}

async function htmlPart(name: NameView<PypiModels>, files: readonly ShownFile[]): Promise<DocumentPart> {
  const title = `Links for ${name.name}`
  const body = page(title, statusTag(name.metadata), await inTurns(files, anchorOf))
  return { path: '', contentType: plainType, body, headers }
}

async function jsonPart(
  name: NameView<PypiModels>,
  files: readonly ShownFile[],
  versions: readonly string[],
): Promise<DocumentPart> {
  const { status = 'active', reason } = name.metadata ?? {}
  const members = {
    meta,
    name: readName(name.name),
    'project-status': { status, ...(reason !== undefined && { reason }) },
    versions,
  }
  const texts = await inTurns(files, (file) => JSON.stringify(fileJson(file)))
  return {
    path: 'json',
    contentType: jsonType,
    body: [opened(members), ...listMember('files', texts), '}'],
    headers,
  }
}

/** All projects: an entry per release says its project's name; of equal ids one stands. */
export const projects: IndexDocument<PypiModels> = {
  of: 'packages',
  entries: ({ name }) => [{ key: '', id: readName(name) ?? name, text: name }],
  async encode(_key, entries, { links }) {
    const anchors = await inTurns(entries, ({ id, text }) =>
      anchorOf({ url: projectLink(links, id), fileName: text }),
    )
    const texts = await inTurns(entries, ({ text }) => JSON.stringify({ name: text }))
    const json = [opened({ meta }), ...listMember('projects', texts), '}']
    return [
      { path: '', contentType: plainType, body: page('Simple index', '', anchors), headers },
      { path: 'json', contentType: jsonType, body: json, headers },
    ]
  },
}

export const projectLink = (links: Links, name: string, query?: Readonly<Record<string, string>>) =>
  links.to(`/simple/${name}/`, query)

/** `GET /simple/`. Where there is no project yet, the list is empty. */
export function readProjects({ request }: ReadCall<PypiModels>): Reply {
  const { part, contentType } = chooseForm(request.headers['accept'], request.query.get('format'))
  const empty =
    part === 'json' ? JSON.stringify({ meta, projects: [] }) : page('Simple index', '', []).join('')
  const otherwise = { text: empty, headers: { ...headers, 'content-type': contentType } }
  return { document: ['projects', '', part], headers: { 'content-type': contentType }, otherwise }
}

/** `GET /simple/:name/`, with the slash or without; another spelling of the name is sent on to the normal one. */
export function readProject({ request, params, links }: ReadCall<PypiModels>): Reply {
  const name = nameInAddress(params['name'])
  const format = request.query.get('format')
  const { part, contentType } = chooseForm(request.headers['accept'], format)
  if (name !== params['name'])
    return {
      status: 301,
      redirect: projectLink(links, name, format === null ? {} : { format: contentType }),
    }
  return { document: ['simple', name, part], headers: { 'content-type': contentType } }
}
