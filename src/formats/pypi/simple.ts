/**
 * The simple index (PEP 503, PEP 691): per project the list of its files, in two forms, and the list of all projects.
 * It says sizes and times (PEP 700), core metadata (PEP 714), what is yanked (PEP 592), provenance (PEP 740) and the
 * project's status (PEP 792).
 */
import { notFound } from '../../lib/problem.ts'
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
import { chooseForm, jsonType } from './accept.ts'
import type { PypiModels } from './models.ts'
import { readName } from './names.ts'
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
    const isOffered = name.metadata?.status !== 'quarantined'
    const perPackage = isOffered ? await inTurns(name.packages, (pkg) => shownFiles(pkg, links)) : []
    const files = perPackage.flat()
    return [await htmlPart(name, files), await jsonPart(name, files, isOffered)]
  },
}

async function htmlPart(name: NameView<PypiModels>, files: readonly ShownFile[]): Promise<DocumentPart> {
  const title = `Links for ${name.name}`
  const body = page(title, statusTag(name.metadata), await inTurns(files, anchorOf))
  return { path: '', contentType: 'text/html; charset=utf-8', body, headers }
}

async function jsonPart(
  name: NameView<PypiModels>,
  files: readonly ShownFile[],
  isOffered: boolean,
): Promise<DocumentPart> {
  const { status = 'active', reason } = name.metadata ?? {}
  const head = {
    meta,
    name: readName(name.name),
    'project-status': { status, ...(reason !== undefined && { reason }) },
    versions: isOffered ? name.packages.map((pkg) => pkg.version) : [],
  }
  return {
    path: 'json',
    contentType: jsonType,
    body: await withList(head, 'files', files, fileJson),
    headers,
  }
}

/** An object with a long list at its end, in pieces. */
async function withList<T>(
  head: object,
  key: string,
  items: readonly T[],
  shown: (item: T) => unknown,
): Promise<readonly string[]> {
  const [first, ...others] = await inTurns(items, (item) => JSON.stringify(shown(item)))
  const texts = first === undefined ? [] : [first, ...others.map((text) => `,${text}`)]
  return [`${JSON.stringify(head).slice(0, -1)},${JSON.stringify(key)}:[`, ...texts, ']}']
}

/** All projects: an entry per release says its project's name; of equal ids one stands. */
export const projects: IndexDocument<PypiModels> = {
  of: 'packages',
  entries: ({ name }) => [{ key: '', id: readName(name) ?? name, text: name }],
  encode: async (_key, entries, { links }) => [
    {
      path: '',
      contentType: 'text/html; charset=utf-8',
      body: page(
        'Simple index',
        '',
        await inTurns(entries, ({ id, text }) => anchorOf({ url: projectLink(links, id), fileName: text })),
      ),
      headers,
    },
    {
      path: 'json',
      contentType: jsonType,
      body: await withList({ meta }, 'projects', entries, ({ text }) => ({ name: text })),
      headers,
    },
  ],
}

export const projectLink = (links: Links, name: string) => links.to(`/simple/${name}/`)

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
  const given = params['name'] ?? ''
  const name = readName(given)
  if (name === undefined) throw notFound('404 Package Not Found')
  if (name !== given) return { status: 301, redirect: projectLink(links, name) }
  const { part, contentType } = chooseForm(request.headers['accept'], request.query.get('format'))
  return { document: ['simple', name, part], headers: { 'content-type': contentType } }
}
