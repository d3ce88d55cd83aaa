import { createHash } from 'node:crypto'
import type { ClientRequest, FormatSamples, SamplePackage } from '../testing/samples.ts'
import { splitName } from './paths.ts'

const bytesOf = ({ content }: SamplePackage) => Buffer.from(`jar of ${content}`)
const sha1Of = (bytes: string | Uint8Array) => createHash('sha1').update(bytes).digest('hex')

function pathOf({ name, version }: Pick<SamplePackage, 'name' | 'version'>, extension: string): string {
  return `/${name}/${version}/${splitName(name).artifactId}-${version}.${extension}`
}

function pom(name: string, version: string, more = ''): string {
  const { groupId, artifactId } = splitName(name)
  const coordinates = `<groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version>`
  return `<project><modelVersion>4.0.0</modelVersion>${coordinates}${more}</project>`
}

function put(path: string, body: string | Uint8Array): ClientRequest {
  return { method: 'PUT', path, body }
}

const bad = { name: 'com/example/bad', version: '1.0' }
const badPom = pathOf(bad, 'pom')
const badMetadata = '/com/example/bad/maven-metadata.xml'

export const samples: FormatSamples = {
  names: ['com/example/tiny', 'com/example/other.lib'],
  ownedName: (groupPath) => `${groupPath}/tiny`,
  normalized: [
    ['com/example/tiny', 'com/example/tiny'],
    ['com/Example/Tiny_2.13', 'com/Example/Tiny_2.13'],
  ],
  badNames: [
    '',
    'tiny',
    '/com/tiny',
    'com//tiny',
    'com/tiny/',
    'com/../tiny',
    'com/.git/tiny',
    'com/ti ny',
    `${'a/'.repeat(150)}b`,
  ],
  badVersions: ['', '.', '..', '1..0', '.1', '1/0', '1 0', '${revision}', '1\u0000', '1'.repeat(256)],
  versions: [
    '1-alpha-2',
    '1-alpha-10',
    '1.0-b2',
    '1-m3',
    '1-rc',
    '1.0-cr',
    '1-SNAPSHOT',
    '1',
    '1-ga',
    '1.0',
    '1.0.0',
    '1-sp',
    '1-x',
    '1.x',
    '1-1',
    '1.1',
    '1.9',
    '1.10',
    '2.0.0.Final',
    '20240101',
    '123456789012345678901234567890',
  ],
  publishable: ['1.0.0', '1.2.0'],
  publish(pkg) {
    const text = pom(pkg.name, pkg.version, '<name>A sample</name>')
    return [
      put(pathOf(pkg, 'jar'), bytesOf(pkg)),
      put(pathOf(pkg, 'jar.sha1'), sha1Of(bytesOf(pkg))),
      put(pathOf(pkg, 'pom'), text),
      put(pathOf(pkg, 'pom.sha1'), sha1Of(text)),
    ]
  },
  file: (pkg) => ({ path: pathOf(pkg, 'jar'), bytes: bytesOf(pkg) }),
  documents: ({ name }) => [{ method: 'GET', path: `/${name}/maven-metadata.xml` }],
  duplicateStatus: 400,
  badInputs: [
    { title: 'a path that climbs up', status: 400, ...put('/com/example/../../etc/1.0/bad-1.0.jar', 'x') },
    {
      title: 'an encoded path that climbs up',
      status: 400,
      ...put('/com/%2e%2e/%2e%2e/bad/1.0/bad-1.0.jar', 'x'),
    },
    {
      title: 'encoded slashes that climb up',
      status: 400,
      ...put('/com/example/..%2f..%2fbad/1.0/bad-1.0.jar', 'x'),
    },
    { title: 'a hidden directory', status: 400, ...put('/com/.git/bad/1.0/bad-1.0.jar', 'x') },
    { title: 'a path that is too short', status: 400, ...put('/bad/1.0/bad-1.0.jar', 'x') },
    { title: 'no version', status: 400, ...put('/bad-1.0.jar', 'x') },
    { title: 'a version of dots', status: 400, ...put('/com/example/bad/1..0/bad-1..0.jar', 'x') },
    {
      title: 'a version with an unset property',
      status: 400,
      ...put('/com/example/bad/$%7Brevision%7D/bad.jar', 'x'),
    },
    {
      title: 'a control character in the file name',
      status: 400,
      ...put('/com/example/bad/1.0/bad%0A.jar', 'x'),
    },
    { title: 'a NUL in the file name', status: 400, ...put('/com/example/bad/1.0/bad%00.jar', 'x') },
    {
      title: 'a file name that reads backwards',
      status: 400,
      ...put('/com/example/bad/1.0/%E2%80%AErab.jar', 'x'),
    },
    { title: 'an empty file name', ...put('/com/example/bad/1.0/', 'x') },
    {
      title: 'a file name of 300 characters',
      status: 400,
      ...put(`/com/example/bad/1.0/${'a'.repeat(300)}`, 'x'),
    },
    { title: 'a POM that is no XML', status: 400, ...put(badPom, 'PK\u0003\u0004') },
    { title: 'a POM that ends early', status: 400, ...put(badPom, pom(bad.name, bad.version).slice(0, -5)) },
    { title: 'a POM that is no project', status: 400, ...put(badPom, '<metadata/>') },
    { title: 'a POM of another artifact', status: 400, ...put(badPom, pom('com/example/good', '1.0')) },
    { title: 'a POM of another version', status: 400, ...put(badPom, pom(bad.name, '1.0.0')) },
    { title: 'a POM nested 10,000 deep', status: 400, ...put(badPom, '<project>'.repeat(10_000)) },
    {
      title: 'a POM of 300,000 elements',
      status: 400,
      ...put(badPom, `<project>${'<a/>'.repeat(300_000)}</project>`),
    },
    {
      title: 'a POM over the limit',
      status: 413,
      ...put(badPom, pom(bad.name, '1.0', ' '.repeat(5 * 1024 * 1024))),
    },
    {
      title: 'a POM in another encoding than it says',
      status: 400,
      ...put(badPom, Buffer.from('<project>\xff', 'latin1')),
    },
    {
      title: 'a POM with an entity bomb',
      status: 400,
      ...put(
        badPom,
        `<!DOCTYPE p [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>${pom(bad.name, '1.0', '<name>&b;</name>')}`,
      ),
    },
    {
      title: 'a POM with an external entity',
      status: 400,
      ...put(
        badPom,
        `<!DOCTYPE p [<!ENTITY a SYSTEM "file:///etc/passwd">]>${pom(bad.name, '1.0', '<name>&a;</name>')}`,
      ),
    },
    { title: 'a checksum that is too short', status: 400, ...put(pathOf(bad, 'jar.sha1'), 'abc') },
    { title: 'a checksum of other digits', status: 400, ...put(pathOf(bad, 'jar.md5'), 'g'.repeat(32)) },
    { title: 'a checksum of 1 MiB', status: 413, ...put(pathOf(bad, 'jar.sha256'), 'a'.repeat(1024 * 1024)) },
    { title: 'the checksum of a checksum', status: 400, ...put(pathOf(bad, 'jar.sha1.md5'), 'a'.repeat(32)) },
    { title: 'broken metadata', status: 400, ...put(badMetadata, '<metadata><versioning></metadata>') },
    {
      title: 'metadata over the limit',
      status: 413,
      ...put(badMetadata, `<metadata>${' '.repeat(2 ** 20)}</metadata>`),
    },
    { title: 'a broken checksum of metadata', status: 400, ...put(`${badMetadata}.sha1`, 'no') },
  ],
}
