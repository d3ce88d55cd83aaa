import type { FormatCase, FormatCases, Published } from '../testing/access-cases.ts'
import { contents } from './contents.ts'
import { parseParagraph } from './control.ts'
import type { BinaryKind } from './file-names.ts'
import { poolFolder } from './pool.ts'
import { controlText, digest } from './sample-debs.ts'
import { debName, debOf, sampleChanges, sampleSource, type SampleFile } from './sample-uploads.ts'
import { binaryStanza, sourceStanza } from './stanza.ts'

type Name = Pick<Published, 'name'>
const [older, newer] = ['7.7.6', '7.7.7'] as const
/** Each name has a suite of its own. */
const suiteOf = (name: string) => `suite-of-${name}`
const sampleOf = (name: string, version: string) => ({ name, version, content: 'for those who may read' })

const file = (name: string, kind: BinaryKind, version: string): SampleFile => {
  const sample = sampleOf(name, version)
  return { name: debName(sample, kind), content: debOf(sample) }
}

const put = (name: string, kind: BinaryKind, version: string) =>
  ({
    method: 'PUT',
    path: `/${file(name, kind, version).name}?distribution=${suiteOf(name)}`,
    body: file(name, kind, version).content,
  }) as const

function sourceUpload(name: string) {
  const upload = { name, version: newer }
  const files = sampleSource(upload)
  const all = [...files, sampleChanges(upload, files, { distribution: suiteOf(name) })]
  return all.map((one) => ({ method: 'PUT', path: `/${one.name}`, body: one.content }) as const)
}

const poolPath = (name: string, version: string, fileName: string) =>
  `${poolFolder({ distribution: suiteOf(name), name, version })}/${fileName}`

const debPath = ({ name }: Name, version = newer) =>
  `/${poolPath(name, version, file(name, 'deb', version).name)}`

/** The paragraph that a list has of a file. */
function paragraph(name: string, kind: BinaryKind | 'dsc', version: string): string {
  const upload = { name, version }
  const { name: fileName, content } = kind === 'dsc' ? sampleSource(upload)[0] : file(name, kind, version)
  const control = kind === 'dsc' ? content : Buffer.from(controlText(sampleOf(name, version)))
  return (kind === 'dsc' ? sourceStanza : binaryStanza)({
    path: poolPath(name, version, fileName),
    size: content.length,
    digests: { md5: digest('md5', content), sha256: digest('sha256', content) },
    metadata: {
      v: 1,
      kind,
      distribution: suiteOf(name),
      component: 'main',
      fields: parseParagraph('a sample', control),
      ...(kind === 'dsc' && { section: 'utils', priority: 'optional' }),
    },
  })
}

function reading(
  route: string,
  path: string | ((name: string) => string),
  shows: FormatCase['shows'],
): FormatCase {
  return {
    route: `GET ${route}`,
    may: 'read_packages',
    request: ({ name }) => ({ method: 'GET', path: typeof path === 'string' ? path : path(name) }),
    ...(shows !== undefined && { shows }),
  }
}

const ofSuite = (path: string, shows: string) =>
  reading(`/dists/:suite+/${path}`, (name) => `/dists/${suiteOf(name)}/${path}`, shows)

/** A list by its name, and by the digest of its text. */
function ofList(
  pattern: string,
  folder: string,
  fileName: string,
  text: (name: string) => string,
): FormatCase[] {
  const at = (name: string) => `/dists/${suiteOf(name)}/${folder}`
  const hash = (name: string) => `${at(name)}/by-hash/SHA256/${digest('sha256', text(name))}`
  const shows = ({ name }: Name) => text(name)
  return [
    reading(`/dists/:suite+/${pattern}/:file`, (name) => `${at(name)}/${fileName}`, shows),
    reading(`/dists/:suite+/${pattern}/by-hash/SHA256/:sha256`, hash, shows),
  ]
}

const contentsOf = (name: string) => contents.line(`usr/share/${name}`, [name])
const shownContents = ({ name }: Name) => contentsOf(name)

/** Of a project alone: those of a group are made for each view. */
const contentsCases: readonly FormatCase[] = [
  reading(
    '/dists/:suite+/:component/Contents-:architecture',
    (name) => `/dists/${suiteOf(name)}/main/Contents-all`,
    shownContents,
  ),
  reading(
    '/dists/:suite+/:component/by-hash/SHA256/:sha256',
    (name) => `/dists/${suiteOf(name)}/main/by-hash/SHA256/${digest('sha256', contentsOf(name))}`,
    shownContents,
  ),
].map((one) => ({ ...one, levels: ['project'] }))

const readingCases: readonly FormatCase[] = [
  ofSuite('InRelease', 'BEGIN PGP SIGNATURE'),
  ofSuite('Release', 'Acquire-By-Hash: yes'),
  ofSuite('Release.gpg', 'BEGIN PGP SIGNATURE'),
  ofSuite('key.asc', 'BEGIN PGP PUBLIC KEY BLOCK'),
  ...ofList(':component/binary-:architecture', 'main/binary-all', 'Packages', (name) =>
    [older, newer].map((version) => paragraph(name, 'deb', version)).join(''),
  ),
  ...ofList(
    ':component/debian-installer/binary-:architecture',
    'main/debian-installer/binary-all',
    'Packages',
    (name) => paragraph(name, 'udeb', newer),
  ),
  ...ofList(':component/source', 'main/source', 'Sources', (name) => paragraph(name, 'dsc', newer)),
  ...contentsCases,
  reading('/pool/:path+', (name) => debPath({ name }), '!<arch>'),
]

const changingCases: readonly FormatCase[] = [
  {
    route: 'PUT /:file',
    may: 'publish',
    request: ({ name }) => put(name, 'deb', '8.0'),
    changes: 'packages',
  },
  {
    route: 'PUT /:file',
    may: 'publish',
    request: () => put('new-one', 'deb', '8.0'),
    changes: 'packages',
  },
  {
    route: 'DELETE /pool/:path+',
    may: 'delete',
    request: (published) => ({ method: 'DELETE', path: debPath(published) }),
    changes: 'files',
  },
]

export const accessCases: FormatCases = {
  name: ({ group }) => `lib-of-${group.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`,
  publish: (name) => [
    put(name, 'deb', older),
    put(name, 'deb', newer),
    put(name, 'udeb', newer),
    ...sourceUpload(name),
  ],
  settings: (name) => ({ codename: suiteOf(name), contents: true }),
  cases: [...readingCases, ...changingCases],
}
