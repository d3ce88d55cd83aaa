/** What the shared suite publishes, and what it must see refused. */
import { gzipSync } from 'node:zlib'
import type { ClientRequest, FormatSamples } from '../testing/samples.ts'
import { jsonType } from './accept.ts'
import { metadataText, sampleSdist, sampleWheel, sdistName, sha256, wheelName } from './sample-archives.ts'
import type { SampleDistribution } from './sample-archives.ts'

const boundary = 'a-sample-boundary'

export interface SampleForm {
  /** Values of a field, in order. */
  readonly fields: Record<string, readonly string[]>
  fileName: string
  content: Uint8Array
}

/** The form that twine sends for a file. */
export function sampleForm(pkg: SampleDistribution, kind: 'wheel' | 'sdist' = 'wheel'): SampleForm {
  const content = kind === 'wheel' ? sampleWheel(pkg) : sampleSdist(pkg)
  return {
    fields: {
      ':action': ['file_upload'],
      protocol_version: ['1'],
      metadata_version: ['2.4'],
      name: [pkg.name],
      version: [pkg.version],
      filetype: [kind === 'wheel' ? 'bdist_wheel' : 'sdist'],
      pyversion: [kind === 'wheel' ? 'py3' : 'source'],
      sha256_digest: [sha256(content)],
    },
    fileName: kind === 'wheel' ? wheelName(pkg) : sdistName(pkg),
    content,
  }
}

/** The request that sends a form. */
export function post({ fields, fileName, content }: SampleForm, path = '/'): ClientRequest {
  const pieces = Object.entries(fields).flatMap(([name, values]) =>
    values.map((value) => Buffer.from(part(`name="${name}"`, value))),
  )
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="content"; filename="${fileName}"\r\n`
  const file = [
    Buffer.from(`${head}Content-Type: application/octet-stream\r\n\r\n`),
    content,
    Buffer.from('\r\n'),
  ]
  const body = Buffer.concat([...pieces, ...file, Buffer.from(`--${boundary}--\r\n`)])
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` }
  return { method: 'POST', path, headers, body }
}

const part = (head: string, value: string) =>
  `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`

const bad = { name: 'bad-input', version: '1.0', content: 'bad' }

/** A good form of `bad-input`, after `change` spoiled it. */
function spoiled(title: string, change: (form: SampleForm) => void, status = 400) {
  const form = sampleForm(bad)
  change(form)
  return { title, status, ...post(form) }
}

/** With another file in the form, and the digest that fits it. */
function other(title: string, content: Uint8Array, fileName = wheelName(bad), status = 400) {
  return spoiled(title, (form) => Object.assign(form, { content, fileName }, digest(form, content)), status)
}

function digest(form: SampleForm, content: Uint8Array): object {
  form.fields['sha256_digest'] = [sha256(content)]
  return {}
}

const raw = (
  title: string,
  body: string,
  type = `multipart/form-data; boundary=${boundary}`,
  status = 400,
) => ({
  title,
  status,
  method: 'POST' as const,
  path: '/',
  headers: { 'content-type': type },
  body,
})

const info = 'bad_input-1.0.dist-info'
const forms: FormatSamples['badInputs'] = [
  raw('a form that is none', 'name=x', 'application/x-www-form-urlencoded', 415),
  raw('a form without its boundary', 'x'),
  raw('a form that ends early', part('name=":action"', 'file_upload')),
  raw('a form without a file', `${part('name=":action"', 'file_upload')}--${boundary}--`),
  raw('a head that never ends', `--${boundary}\r\n${'X: y\r\n'.repeat(5000)}`, undefined, 413),
  spoiled('another action', (form) => (form.fields[':action'] = ['submit'])),
  spoiled('no action', (form) => delete form.fields[':action']),
  spoiled('no name', (form) => delete form.fields['name']),
  spoiled('two names', (form) => (form.fields['name'] = ['bad-input', 'bad-input'])),
  spoiled('another name', (form) => (form.fields['name'] = ['other'])),
  spoiled('another version', (form) => (form.fields['version'] = ['1.1'])),
  spoiled('a version that is none', (form) => (form.fields['version'] = ['one'])),
  spoiled('a digest of other bytes', (form) => (form.fields['sha256_digest'] = ['0'.repeat(64)])),
  spoiled('an MD5 of other bytes', (form) => (form.fields['md5_digest'] = ['0'.repeat(32)])),
  spoiled('a digest that is none', (form) => (form.fields['sha256_digest'] = ['abc'])),
  spoiled('other requirements than in the file', (form) => (form.fields['requires_dist'] = ['evil'])),
  spoiled('another Python than in the file', (form) => (form.fields['requires_python'] = ['>=3'])),
  spoiled('a file name that climbs up', (form) => (form.fileName = '../bad_input-1.0-py3-none-any.whl')),
  spoiled('a file name of another kind', (form) => (form.fileName = 'bad_input-1.0.exe')),
  spoiled('a file name of another project', (form) => (form.fileName = 'other-1.0-py3-none-any.whl')),
  spoiled('a file name of another version', (form) => (form.fileName = 'bad_input-2.0-py3-none-any.whl')),
  spoiled(
    'a field that is huge',
    (form) => (form.fields['description'] = ['x'.repeat(17 * 1024 * 1024)]),
    413,
  ),
  spoiled('attestations that are none', (form) => (form.fields['attestations'] = ['[]'])),
  spoiled('attestations about nothing', (form) => (form.fields['attestations'] = ['[{"version":1}]'])),
]

const wheels: FormatSamples['badInputs'] = [
  other('a wheel that is no archive', Buffer.from('PK')),
  other('an empty wheel', Buffer.alloc(0)),
  other('a wheel with bytes before it', sampleWheel(bad, undefined, { before: 'MZ' })),
  other('a wheel with bytes behind it', sampleWheel(bad, undefined, { behind: 'hidden' })),
  other('a wheel with bytes between its entries', sampleWheel(bad, undefined, { between: 'hidden' })),
  other(
    'a wheel with a file twice',
    sampleWheel(bad, (files) => [...files, files[1]!]),
  ),
  other('a wheel with two names for an entry', sampleWheel(bad, changing(0, { localName: 'good_input.py' }))),
  other(
    'a wheel without METADATA',
    sampleWheel(bad, (files) => files.toSpliced(1, 1)),
  ),
  other(
    'a wheel without RECORD',
    sampleWheel(bad, (files) => files.slice(0, -1)),
  ),
  other(
    'a wheel without WHEEL',
    sampleWheel(bad, (files) => files.toSpliced(2, 1)),
  ),
  other(
    'a wheel with a file that RECORD lacks',
    sampleWheel(bad, (files) => [...files, { name: 'x.pth', content: 'x' }]),
  ),
  other('a wheel with other bytes than RECORD says', sampleWheel(bad, changing(0, { content: 'evil = 1' }))),
  other(
    'a wheel that lacks a file of RECORD',
    sampleWheel(bad, (files) => files.slice(1)),
  ),
  other(
    'a wheel with two .dist-info folders',
    sampleWheel(bad, (files) => [...files, { name: 'x-1.dist-info/A', content: '' }]),
  ),
  other('a wheel of another project', sampleWheel({ ...bad, name: 'other' })),
  other('a wheel with a path that climbs up', sampleWheel(bad, changing(0, { name: '../x.py' }))),
  other('a wheel with an encrypted file', sampleWheel(bad, changing(0, { flags: 0x801 }))),
  other(
    'a wheel with a bomb',
    sampleWheel(bad, changing(0, { content: Buffer.alloc(20_000_000), size: 20 })),
  ),
  other('a wheel whose METADATA is huge', hugeMetadata(), undefined, 413),
  other('a wheel of a later format', sampleWheel(bad, changing(2, { content: 'Wheel-Version: 2.0\n' }))),
]

function changing(at: number, change: object) {
  return <T>(files: readonly T[]): readonly T[] => files.with(at, { ...files[at]!, ...change })
}

function hugeMetadata(): Buffer {
  const content = metadataText(bad) + 'x'.repeat(5 * 1024 * 1024)
  return sampleWheel(bad, changing(1, { content }))
}

const withMetadata = (...metadata: readonly string[]) => sampleWheel({ ...bad, metadata })
const source = sdistName(bad)
const sources: FormatSamples['badInputs'] = [
  other('metadata with two names', withMetadata('Name: other')),
  other(
    'metadata of a later version',
    sampleWheel(bad, changing(1, { content: metadataText(bad).replace('2.4', '9.0') })),
  ),
  other(
    'metadata that is not UTF-8',
    sampleWheel(bad, changing(1, { content: Buffer.from([0x4e, 0xff, 0xfe]) })),
  ),
  other('a source distribution that is no gzip', Buffer.from('x'), source),
  other('a source distribution that is no tar', gzipSync('x'.repeat(2000)), source),
  other('a source distribution that is cut off', sampleSdist(bad).subarray(0, -20), source),
  other(
    'a source distribution without PKG-INFO',
    sampleSdist(bad, (files) => files.toSpliced(1, 1)),
    source,
  ),
  other(
    'a source distribution with two of them',
    sampleSdist(bad, (files) => [...files, files[1]!]),
    source,
  ),
  other('a source distribution of another project', sampleSdist({ ...bad, name: 'other' }), source),
  other(
    'a path that climbs up',
    sampleSdist(bad, (files) => [...files, { name: 'bad_input-1.0/../../x' }]),
    source,
  ),
  other(
    'a link that leads away',
    sampleSdist(bad, (files) => [...files, { name: `bad_input-1.0/x`, type: '2', link: '/etc' }]),
    source,
  ),
  other('a bomb of a source distribution', gzipSync(Buffer.alloc(80_000_000)), source, 413),
  other('a zip without PKG-INFO', sampleWheel(bad), 'bad_input-1.0.zip'),
  { title: 'yanking what is not there', status: 404, method: 'PUT', path: '/yank/bad-input/1.0' },
  { title: 'yanking what is no version', status: 400, method: 'PUT', path: '/yank/bad-input/one' },
  {
    title: 'a status that is none',
    status: 400,
    method: 'PUT',
    path: '/project-status/bad-input',
    body: '{"status":"gone"}',
  },
  {
    title: 'a status set by who may not',
    status: 403,
    method: 'PUT',
    path: '/project-status/bad-input',
    body: '{"status":"archived"}',
  },
  {
    title: 'a file by a wrong digest',
    status: 404,
    method: 'GET',
    path: `/files/${'0'.repeat(64)}/${wheelName(bad)}`,
  },
  { title: 'a file with an odd name', status: 404, method: 'GET', path: `/files/${'0'.repeat(64)}/${info}` },
]

export const samples: FormatSamples = {
  names: ['Acme.Hello', 'tiny_tool'],
  normalized: [
    ['hello', 'hello'],
    ['Acme.Hello', 'acme-hello'],
    ['a-._b', 'a-b'],
    ['0', '0'],
  ],
  badNames: [
    '',
    '-a',
    'a-',
    '.a',
    'a_',
    'a b',
    'a/b',
    '@a/b',
    'a\n',
    'h\u00e9llo',
    'a\u202eb',
    'a\u0000b',
    'x'.repeat(201),
  ],
  badVersions: [
    '',
    'one',
    '1..0',
    '1.0-',
    '1.0+',
    '1.0+a_',
    '1.0.x',
    ' 1.0',
    '1.0\n',
    '1!',
    '\u0661',
    `1.${'0'.repeat(200)}`,
  ],
  versions: [
    '0.dev0',
    '0',
    '1.0.dev456',
    '1.0a1.dev1',
    '1.0a1',
    '1.0a2.dev456',
    '1.0a12.dev456',
    '1.0a12',
    '1.0b1.dev456',
    '1.0b2',
    '1.0b2.post345.dev456',
    '1.0b2.post345',
    '1.0rc1.dev456',
    '1.0rc1',
    '1.0',
    '1.0+abc.5',
    '1.0+abc.7',
    '1.0+5',
    '1.0+5.a',
    '1.0+5.0',
    '1.0.post456.dev34',
    '1.0.post456',
    '1.0.1',
    '1.1.dev1',
    '1.10',
    '9007199254740993',
    '1!0.1',
  ],
  publishable: ['1.0.0', '1.1.0'],
  publish: (pkg) => [post(sampleForm(pkg))],
  file(pkg) {
    const bytes = sampleWheel(pkg)
    return { path: `/files/${sha256(bytes)}/${wheelName(pkg)}`, bytes }
  },
  documents(pkg) {
    const name = pkg.name.toLowerCase().replace(/[-_.]+/g, '-')
    return [
      { method: 'GET', path: `/simple/${name}/` },
      { method: 'GET', path: `/simple/${name}/`, headers: { accept: jsonType } },
      { method: 'GET', path: `/pypi/${name}/json` },
      { method: 'GET', path: `/pypi/${name}/${pkg.version}/json` },
    ]
  },
  duplicateStatus: 400,
  badInputs: [...forms, ...wheels, ...sources],
}
