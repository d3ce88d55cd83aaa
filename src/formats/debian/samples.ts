/** What the shared suite publishes, and what it must see refused. */
import { gzipSync } from 'node:zlib'
import { writeTar, type WrittenTarEntry } from '../../lib/tar-writer.testing.ts'
import type { ClientRequest, FormatSamples } from '../testing/samples.ts'
import { poolFolder } from './pool.ts'
import { controlText } from './sample-debs.ts'
import { debName, debOf, sampleChanges, sampleSource } from './sample-uploads.ts'
import type { Change, SampleFile, SampleUpload } from './sample-uploads.ts'

const suite = 'bookworm'
const query = `?distribution=${suite}`

const put = (path: string, body: Uint8Array | string): ClientRequest => ({ method: 'PUT', path, body })

export const putDeb = (sample: SampleUpload, asked = query) =>
  put(`/${debName(sample)}${asked}`, debOf(sample))

const pathOf = (sample: SampleUpload) =>
  `/${poolFolder({ distribution: suite, ...sample })}/${debName(sample)}`

const bad: SampleUpload = { name: 'bad-input', version: '1.0', content: 'bad' }
const badName = debName(bad)

const refused = (title: string, body: Uint8Array | string, path = `/${badName}${query}`, status = 400) => ({
  title,
  status,
  ...put(path, body),
})

/** A package whose archive is spoiled. */
const archive = (title: string, change: Change, status?: number) =>
  refused(title, debOf(bad, change), undefined, status)
/** A package with another control archive. */
const controlTar = (title: string, files: readonly WrittenTarEntry[], status?: number) =>
  archive(title, (entries) => entries.with(1, { ...entries[1]!, content: gzipSync(writeTar(files)) }), status)
/** A package with another control file. */
const control = (title: string, text: string | Uint8Array, status?: number) =>
  controlTar(title, [{ name: './control', content: text }], status)

const text = controlText(bad)

const archives: FormatSamples['badInputs'] = [
  refused('a package that is no archive', 'x'),
  refused('an empty package', ''),
  refused('a package that is cut off', debOf(bad).subarray(0, -40)),
  archive('a package without debian-binary', (entries) => entries.slice(1)),
  archive('a package of another format', (entries) =>
    entries.with(0, { name: 'debian-binary', content: '3.0\n' }),
  ),
  archive('a package without a control archive', (entries) => entries.toSpliced(1, 1)),
  archive('a package without files', (entries) => entries.slice(0, 2)),
  archive('a package with two control archives', (entries) => entries.toSpliced(1, 0, entries[1]!)),
  archive('a package with its files first', ([first, second, third]) => [first!, third!, second!]),
  archive('a package with more behind its files', (entries) => [...entries, { name: 'more', content: 'x' }]),
  archive('a package with names of another archiver', (entries) =>
    entries.with(2, { ...entries[2]!, name: '#1/20' }),
  ),
  archive('a package with a size that is none', (entries) => entries.with(1, { ...entries[1]!, size: '-1' })),
  archive('a control archive that is no gzip', (entries) =>
    entries.with(1, { ...entries[1]!, content: 'x' }),
  ),
  archive('a control archive that is no tar', (entries) =>
    entries.with(1, { ...entries[1]!, content: gzipSync('x'.repeat(2000)) }),
  ),
  archive('a control archive packed as bzip2', (entries) =>
    entries.with(1, { ...entries[1]!, name: 'control.tar.bz2' }),
  ),
  archive(
    'a bomb of a control archive',
    (entries) => entries.with(1, { ...entries[1]!, content: gzipSync(Buffer.alloc(80_000_000)) }),
    413,
  ),
  control('a control file of a megabyte', `${text} ${'x'.repeat(1_000_000)}\n`, 413),
]

const controls: FormatSamples['badInputs'] = [
  controlTar('a package without a control file', [{ name: './md5sums' }]),
  controlTar(
    'a package with two control files',
    [1, 2].map(() => ({ name: './control', content: text })),
  ),
  controlTar('a control file that is a link', [{ name: './control', type: '2', link: 'x' }]),
  control('a control file without a name', text.replace(/^Package: .*\n/, '')),
  control('a control file without a version', text.replace(/^Version: .*\n/m, '')),
  control('a control file without an architecture', text.replace(/^Architecture: .*\n/m, '')),
  control('a control file with a name twice', `Package: other\n${text}`),
  control('a name that climbs up', text.replace('bad-input', '../../etc')),
  control('a version that climbs up', text.replace('1.0', '1/../../2')),
  control('an architecture that climbs up', text.replace('all', '../all')),
  control('an architecture that stands for many', text.replace(': all', ': any')),
  control('a field with a carriage return', text.replace('sample', 'sam\rple')),
  control('two paragraphs', `${text}\n${text}`),
  control('a control file that is not UTF-8', Buffer.from([...Buffer.from(text.slice(0, -1)), 0xff, 0x0a])),
  control('a control file that is empty', ''),
]

const other: SampleFile = { name: badName, content: debOf(bad) }
const [dsc, tarball] = sampleSource(bad)

/** A .changes about what nobody sent. */
const upload = (
  title: string,
  files: readonly SampleFile[],
  change = (content: string) => content,
  asked = '',
) => {
  const { name, content } = sampleChanges(bad, files)
  return refused(title, change(Buffer.from(content).toString()), `/${name}${asked}`)
}

const uploads: FormatSamples['badInputs'] = [
  upload('a .changes about a package that was not sent', [other]),
  upload('a .changes about a source package that was not sent', [dsc, tarball]),
  upload('a .changes without files', []),
  upload('a .changes with a file that is no package', [{ name: 'evil.sh', content: Buffer.from('x') }]),
  upload('a .changes with a path', [{ ...other, name: '../x.deb' }]),
  upload('a .changes for two suites', [other], (content) => content.replace(suite, `${suite} sid`)),
  upload('a .changes for a suite that climbs up', [other], (content) => content.replace(suite, '../..')),
  upload('a .changes for a suite that the address makes climb', [other], undefined, '?distribution=..%2Fx'),
  upload('a .changes with lists that differ', [other], (content) =>
    content.replace(/ [0-9]+ (?=bad)/, ' 7 '),
  ),
  upload(
    'a .changes that is signed in part',
    [other],
    (content) => `-----BEGIN PGP SIGNED MESSAGE-----\n${content}`,
  ),
  upload('a .changes of a later format', [other], (content) => content.replace('1.8', '9.9')),
]

const addresses: FormatSamples['badInputs'] = [
  refused('a suite that climbs up', debOf(bad), `/${badName}?distribution=..`),
  refused('a suite with a line feed', debOf(bad), `/${badName}?distribution=a%0Ab`),
  refused('no suite', debOf(bad), `/${badName}?distribution=`),
  refused('a component with a slash', debOf(bad), `/${badName}${query}&component=a%2Fb`),
  refused('a component that is a folder', debOf(bad), `/${badName}${query}&component=debian-installer`),
  refused('a file of another kind', 'x', '/evil.exe'),
  refused('a file name that climbs up', 'x', '/..%2Fbad-input_1.0_all.deb'),
  refused('a source package without its .changes', dsc.content, `/${dsc.name}${query}`),
  { title: 'deleting what is not there', status: 404, method: 'DELETE', path: pathOf(bad) },
  { title: 'a file that is not there', status: 404, method: 'GET', path: pathOf(bad) },
]

export const samples: FormatSamples = {
  names: ['tiny', 'libtool-x1'],
  normalized: [
    ['tiny', 'tiny'],
    ['g++', 'g++'],
    ['0ad', '0ad'],
    ['lib.a-b+c', 'lib.a-b+c'],
  ],
  badNames: [
    '',
    'a',
    'Tiny',
    '-a',
    '.a',
    '+a',
    'a b',
    'a_b',
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
    '1 0',
    '1_0',
    '1/0',
    ':1',
    '1:',
    'a:1',
    '-1',
    '1.0-',
    '1.0\n',
    '\u0661',
    '9'.repeat(201),
    '2147483648:1',
  ],
  versions: [
    '0~~',
    '0~~a',
    '0~',
    '0',
    '0a',
    '1.0~rc1',
    '1.0~rc1-1',
    '1.0',
    '1.0-0.1',
    '1.0-1~bpo12+1',
    '1.0-1',
    '1.0-1+b1',
    '1.0-1.1',
    '1.0-10',
    '1.0a',
    '1.0+dfsg-1',
    '1.0-1-1',
    '1.0.1',
    '1.10',
    '9007199254740993',
    '1:0.1',
    '2:0~',
  ],
  publishable: ['1.0-1', '1.0-10'],
  publish: (pkg) => [putDeb(pkg)],
  file: (pkg) => ({ path: pathOf(pkg), bytes: debOf(pkg) }),
  documents: () => [{ method: 'GET', path: `/dists/${suite}/main/binary-all/Packages` }],
  duplicateStatus: 400,
  remove: (pkg) => [{ method: 'DELETE', path: pathOf(pkg) }],
  badInputs: [...archives, ...controls, ...uploads, ...addresses],
}
