/** What the shared suite publishes, and what it must see refused. */
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { ClientRequest, FormatSamples, SamplePackage } from '../testing/samples.ts'
import { abbreviatedType } from './packument.ts'
import { tarballPath } from './names.ts'

export interface SampleBody {
  [field: string]: unknown
  name: string
  versions: Record<string, { [field: string]: unknown; dist: Record<string, unknown> }>
  _attachments: Record<string, { [field: string]: unknown; data: string }>
}

/** The request body of `npm publish`. */
export function sampleBody({ name, version, content }: SamplePackage, tag = 'latest'): SampleBody {
  const tarball = sampleTarball(content)
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`
  const shasum = createHash('sha1').update(tarball).digest('hex')
  const file = `${name}-${version}.tgz`
  const dist = { integrity, shasum, tarball: `http://elsewhere.example/${file}` }
  const description = `A sample called ${name}`
  return {
    _id: name,
    name,
    description,
    'dist-tags': { [tag]: version },
    versions: { [version]: { name, version, description, license: 'MIT', _id: `${name}@${version}`, dist } },
    access: null,
    _attachments: {
      [file]: {
        content_type: 'application/octet-stream',
        data: tarball.toString('base64'),
        length: tarball.length,
      },
    },
  }
}

export const sampleTarball = (content: string): Buffer => gzipSync(content)

const urlOf = (name: string) => `/${name.replace('/', '%2f')}`
const json = { 'content-type': 'application/json' }

function put(name: string, body: unknown): ClientRequest {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { method: 'PUT', path: urlOf(name), headers: json, body: text }
}

/** A good body of `bad-input`, after `change` spoiled it. */
function spoiled(title: string, change: (body: SampleBody) => unknown, status = 400) {
  const body = sampleBody({ name: 'bad-input', version: '1.0.0', content: title })
  return { title, status, ...put('bad-input', change(body) ?? body) }
}

const file = 'bad-input-1.0.0.tgz'
const attachmentOf = (body: SampleBody) => body._attachments[file] as SampleBody['_attachments'][string]
const manifestOf = (body: SampleBody) => body.versions['1.0.0'] as SampleBody['versions'][string]

const badInputs: FormatSamples['badInputs'] = [
  spoiled('broken JSON', (body) => JSON.stringify(body).slice(0, -3)),
  spoiled('not an object', () => '[]'),
  spoiled('a control character in a text', () => '{"name":"bad\u0001input"}'),
  spoiled('nested a thousand deep', (body) => ({
    ...body,
    x: JSON.parse('['.repeat(1000) + ']'.repeat(1000)),
  })),
  spoiled('two attachments', (body) => void (body._attachments['more.tgz'] = { data: 'QUJD' })),
  spoiled('a repeated attachments key', (body) => `${JSON.stringify(body).slice(0, -1)},"_attachments":{}}`),
  spoiled('attachment without data', (body) => ({ ...body, _attachments: { [file]: { length: 3 } } })),
  spoiled('no attachment at all', (body) => ({ ...body, _attachments: {} })),
  spoiled('attachment of another name', (body) => ({
    ...body,
    _attachments: { 'x.tgz': attachmentOf(body) },
  })),
  spoiled('traversal in the attachment name', (body) => ({
    ...body,
    _attachments: { '../../bad-input-1.0.0.tgz': attachmentOf(body) },
  })),
  spoiled('bad Base64', (body) => void (attachmentOf(body).data = 'QUJ*D===')),
  spoiled('wrong attachment length', (body) => void (attachmentOf(body).length = 5)),
  spoiled('empty attachment', (body) => void (attachmentOf(body).data = '')),
  spoiled('wrong shasum', (body) => void (manifestOf(body).dist.shasum = '0'.repeat(40))),
  spoiled('wrong integrity', (body) => void (manifestOf(body).dist.integrity = `sha512-${'A'.repeat(86)}==`)),
  spoiled('integrity that is none', (body) => void (manifestOf(body).dist.integrity = 'sha512')),
  spoiled('another name in the body', (body) => void (body.name = 'other-name')),
  spoiled('another name in the manifest', (body) => void (manifestOf(body).name = 'other-name')),
  spoiled('no version', (body) => void (body.versions = {})),
  spoiled('two versions', (body) => void (body.versions['2.0.0'] = manifestOf(body))),
  spoiled('another version in the manifest', (body) => void (manifestOf(body).version = '1.0.1')),
  spoiled('a version that is none', (body) => ({ ...body, versions: { '1.0': manifestOf(body) } })),
  spoiled('a version that is a path', (body) => ({ ...body, versions: { '../1.0.0': manifestOf(body) } })),
  spoiled('a tag that is a range', (body) => void (body['dist-tags'] = { '1.x': '1.0.0' })),
  spoiled('a tag of another version', (body) => void (body['dist-tags'] = { latest: '9.9.9' })),
  spoiled('a huge manifest field', (body) => void (manifestOf(body).x = 'x'.repeat(3 * 1024 * 1024)), 413),
  {
    title: 'an upper-case name',
    status: 400,
    ...put('Bad-Input', sampleBody({ name: 'Bad-Input', version: '1.0.0', content: '' })),
  },
  {
    title: 'a name with a leading dot',
    status: 400,
    ...put('.bad', sampleBody({ name: '.bad', version: '1.0.0', content: '' })),
  },
  {
    title: 'a tag of no package',
    status: 404,
    method: 'PUT',
    path: '/-/package/bad-input/dist-tags/beta',
    body: '"1.0.0"',
  },
  {
    title: 'a login without a password',
    status: 400,
    method: 'PUT',
    path: '/-/user/org.couchdb.user:x',
    body: '{}',
  },
  {
    title: 'a login with no token of ours',
    status: 401,
    method: 'PUT',
    path: '/-/user/org.couchdb.user:x',
    body: '{"password":"guess"}',
  },
  {
    title: 'a compressed audit that is not',
    status: 400,
    method: 'POST',
    path: '/-/npm/v1/security/advisories/bulk',
    headers: { 'content-encoding': 'gzip' },
    body: 'no gzip',
  },
  {
    title: 'a compressed audit that is a bomb',
    status: 413,
    method: 'POST',
    path: '/-/npm/v1/security/advisories/bulk',
    headers: { 'content-encoding': 'gzip' },
    body: gzipSync(Buffer.alloc(40 * 1024 * 1024)),
  },
]

export const samples: FormatSamples = {
  names: ['@acme/hello', 'tiny-tool'],
  ownedName: (groupPath) => `@${groupPath}/owned`,
  normalized: [
    ['hello', 'hello'],
    ['@acme/hello.js_x-1', '@acme/hello.js_x-1'],
    ['@_x/0', '@_x/0'],
  ],
  badNames: [
    '',
    'Hello',
    '.hidden',
    '_private',
    '-rf',
    'a b',
    'a/b',
    'hello/',
    '@acme/hello/',
    '@acme',
    '@acme/',
    '@/x',
    '@acme/a/b',
    '@acme/..',
    '..',
    'node_modules',
    'favicon.ico',
    'h\u00e9llo',
    'a\u202eb',
    'a\u0000b',
    'a%2fb',
    'x'.repeat(215),
  ],
  badVersions: [
    '',
    '1',
    '1.0',
    '01.0.0',
    '1.0.0.0',
    'latest',
    '^1.0.0',
    '1.0.0-',
    '1.0.0-01',
    '1.0.0/..',
    ' 1.0.0',
    '1.0.0\n',
  ],
  versions: [
    '0.0.0-0',
    '0.0.0',
    '0.0.10',
    '0.2.0',
    '0.10.0',
    '1.0.0-0',
    '1.0.0-2',
    '1.0.0-10',
    '1.0.0--',
    '1.0.0-1a',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.1.0',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '2.0.0',
    '10.0.0-x',
    '10.0.0',
    '9007199254740991.0.0',
  ],
  publishable: ['1.0.0', '1.1.0'],
  publish: (pkg) => [put(pkg.name, sampleBody(pkg))],
  file: ({ name, version, content }) => ({
    path: `/${tarballPath(name, version)}`,
    bytes: sampleTarball(content),
  }),
  documents: ({ name, version }) => [
    { method: 'GET', path: urlOf(name), headers: { accept: 'application/json' } },
    { method: 'GET', path: urlOf(name), headers: { accept: abbreviatedType } },
    { method: 'GET', path: `${urlOf(name)}/${version}` },
  ],
  duplicateStatus: 403,
  badInputs,
}
