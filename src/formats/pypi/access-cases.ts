import type { ClientRequest } from '../testing/samples.ts'
import type { FormatCase, FormatCases, Published } from '../testing/access-cases.ts'
import { jsonType } from './accept.ts'
import { metadataText, sampleWheel, sha256, wheelName } from './sample-archives.ts'
import { post, sampleForm } from './samples.ts'
import { sampleAttestation } from './sample-attestation.ts'

const sampleOf = (name: string, version = '7.7.7') => ({ name, version, content: 'for those who may read' })

function publication(name: string, version: string): ClientRequest {
  const form = sampleForm(sampleOf(name, version))
  form.fields['attestations'] = [JSON.stringify([sampleAttestation(form.fileName, form.content)])]
  return post(form)
}

const digestOf = (name: string) => sha256(sampleWheel(sampleOf(name)))
const fileOf = (name: string) => wheelName(sampleOf(name))
const shown = ({ name }: Published) => digestOf(name)

function reading(path: string, request: (name: string) => string, more: Partial<FormatCase>): FormatCase {
  return {
    route: `GET ${path}`,
    may: 'read_packages',
    request: ({ name }) => ({ method: 'GET', path: request(name) }),
    ...more,
  }
}

/** What is listed under a name that no request says. */
const listed = { isList: true, shows: ({ name }: Published) => name }

const readingCases: readonly FormatCase[] = [
  reading('/simple', () => '/simple', listed),
  reading('/simple/', () => '/simple/', listed),
  {
    ...reading('/simple/', () => '', listed),
    request: () => ({ method: 'GET', path: '/simple/', headers: { accept: jsonType } }),
  },
  reading('/simple/:name', (name) => `/simple/${name}`, { shows: shown }),
  reading('/simple/:name/', (name) => `/simple/${name}/`, { shows: shown }),
  {
    ...reading('/simple/:name/', () => '', { shows: shown }),
    request: ({ name }) => ({ method: 'GET', path: `/simple/${name}/`, headers: { accept: jsonType } }),
  },
  reading('/files/:sha256/:file', (name) => `/files/${digestOf(name)}/${fileOf(name)}`, {
    shows: '.dist-info/RECORD',
  }),
  reading('/files/:sha256/:file.metadata', (name) => `/files/${digestOf(name)}/${fileOf(name)}.metadata`, {
    shows: ({ name }) => metadataText(sampleOf(name)),
  }),
  reading(
    '/integrity/:name/:version/:file/provenance',
    (name) => `/integrity/${name}/7.7.7/${fileOf(name)}/provenance`,
    { shows: 'attestation_bundles' },
  ),
  reading('/pypi/:name/json', (name) => `/pypi/${name}/json`, { shows: shown }),
  reading('/pypi/:name/:version/json', (name) => `/pypi/${name}/7.7.7/json`, { shows: shown }),
]

const because = { headers: { 'content-type': 'application/json' }, body: '{"reason":"broken"}' }

const changingCases: readonly FormatCase[] = [
  { route: 'POST /', may: 'publish', request: ({ name }) => publication(name, '8.0'), changes: 'packages' },
  { route: 'POST /', may: 'publish', request: () => publication('new-one', '8.0'), changes: 'packages' },
  ...(['PUT', 'DELETE'] as const).flatMap((method): FormatCase[] => [
    {
      route: `${method} /yank/:name/:version`,
      may: 'delete',
      request: ({ name }) => ({ method, path: `/yank/${name}/7.7.7`, ...(method === 'PUT' && because) }),
      changes: 'packages',
    },
    {
      route: `${method} /yank/:name/:version/:file`,
      may: 'delete',
      request: ({ name }) => ({
        method,
        path: `/yank/${name}/7.7.7/${fileOf(name)}`,
        ...(method === 'PUT' && because),
      }),
      changes: 'names',
    },
  ]),
  {
    route: 'PUT /project-status/:name',
    may: 'delete',
    request: ({ name }) => ({
      method: 'PUT',
      path: `/project-status/${name}`,
      headers: because.headers,
      body: '{"status":"deprecated","reason":"use another"}',
    }),
    changes: 'names',
  },
]

export const accessCases: FormatCases = {
  name: ({ group }) => `lib-of-${group.toLowerCase().replace(/[-_.]+/g, '-')}`,
  publish: (name) => [publication(name, '7.7.6'), publication(name, '7.7.7')],
  cases: [...readingCases, ...changingCases],
}
