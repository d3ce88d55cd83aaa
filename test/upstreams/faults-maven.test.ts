/** Faults of a Maven repository that ours fills from: no caller gets what is wrong, kept things stay, and all is well afterwards. */
import assert from 'node:assert/strict'
import { digestCases, documentCases, fileCases } from './fault-cases.ts'
import { faultSuite, firstVersions, type Sample } from './fault-suite.ts'
import { text } from './faults.ts'
import type { FaultyUpstream } from './faulty-upstream.ts'
import { mavenUpstream, type MavenPackage } from './maven-packages.ts'

const artifact = { groupId: 'org.far', artifactId: 'lib' }

function make(upstream: FaultyUpstream): Sample {
  const repository = mavenUpstream(upstream)
  const made = firstVersions.map((version, at) =>
    repository.deploy({ ...artifact, version, ballast: at === 0 ? 300_000 : 2000 }),
  )
  const [large, small] = made as [MavenPackage, MavenPackage]
  return {
    document: large.metadata,
    file: `${large.path}.jar`,
    bytes: large.jar,
    small: `${small.path}.jar`,
    smallBytes: small.jar,
    asked: {
      document: /maven-metadata\.xml$/,
      file: /lib-1\.0\.0\.jar$/,
      small: /lib-1\.0\.1\.jar$/,
      digest: /lib-1\.0\.0\.jar\.(sha512|sha256|sha1|md5)$/,
    },
    check: checkMetadata,
    renew: () => void repository.deploy({ ...artifact, version: '1.1.0' }),
  }
}

function checkMetadata(body: Buffer, versions: readonly string[]): void {
  const xml = body.toString()
  assert.match(xml, /<\/metadata>\s*$/)
  assert.match(xml, /<groupId>org\.far<\/groupId>/)
  assert.match(xml, /<artifactId>lib<\/artifactId>/)
  assert.deepEqual(
    [...xml.matchAll(/<version>(.*?)<\/version>/g)].map(([, version]) => version),
    versions,
  )
  assert.match(xml, new RegExp(`<release>${versions.at(-1)!.replaceAll('.', String.raw`\.`)}</release>`))
}

const metadata = (more: string) =>
  `<metadata><groupId>org.far</groupId><artifactId>lib</artifactId><versioning>${more}</versioning></metadata>`
const wrongDocuments = [
  text('XML of another kind', '<project><modelVersion>4.0.0</modelVersion></project>'),
  text('XML that ends early', metadata('<versions><version>1.0.0</version></versions>').slice(0, -15)),
  text('XML nested a hundred thousand deep', '<metadata>'.repeat(100_000)),
  text(
    'XML with entities',
    `<!DOCTYPE m [<!ENTITY a "1.0.0">]>${metadata('<versions><version>&a;</version></versions>')}`,
  ),
  text('metadata of another artifact', metadata('').replace('>lib<', '>other<')),
  text('JSON', '{"versions":["1.0.0"]}'),
]
const wrongSums = [
  text('a checksum of other bytes', 'a'.repeat(40)),
  text('half a checksum', 'abc123'),
  text('no checksum but words', 'please try again later, the server is being looked after'),
]
const other = Buffer.alloc(300_000, 'other')

faultSuite({
  format: 'maven',
  make,
  cold: {
    document: documentCases(wrongDocuments),
    file: fileCases(other),
    small: fileCases(other),
    // Where nothing says a digest there is none to compare with.
    digest: digestCases(wrongSums, ['right']),
  },
  warm: documentCases(wrongDocuments),
})
