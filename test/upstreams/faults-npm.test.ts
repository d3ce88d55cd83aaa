/** Faults of an npm registry that ours fills from: no caller gets what is wrong, kept things stay, and all is well afterwards. */
import assert from 'node:assert/strict'
import { digestCases, documentCases, fileCases } from './fault-cases.ts'
import { faultSuite, firstVersions, type Sample } from './fault-suite.ts'
import { status, text } from './faults.ts'
import type { FaultyUpstream } from './faulty-upstream.ts'
import { makeNpmPackage, npmUpstream, shortType, type NpmPackage } from './npm-packages.ts'

const name = 'far'

function make(upstream: FaultyUpstream): Sample {
  const registry = npmUpstream(upstream)
  const made = firstVersions.map((version, at) =>
    registry.publish({ name, version, ballast: at === 0 ? 300_000 : 2000 }),
  )
  const [large, small] = made as [NpmPackage, NpmPackage]
  return {
    document: `/${name}`,
    headers: { accept: shortType },
    file: large.path,
    bytes: large.tarball,
    small: small.path,
    smallBytes: small.tarball,
    asked: {
      document: /^\/far$/,
      file: /far-1\.0\.0\.tgz$/,
      small: /far-1\.0\.1\.tgz$/,
      digest: /^\/far(\/1\.0\.0)?$/,
    },
    check: (body, versions) => checkPackument(body, versions, made),
    renew: () => void made.push(registry.publish({ name, version: '1.1.0' })),
  }
}

/** Every version, with the upstream's digests, and links to us. */
function checkPackument(body: Buffer, versions: readonly string[], made: readonly NpmPackage[]): void {
  const packument = JSON.parse(body.toString())
  assert.equal(packument.name, name)
  assert.equal(packument['dist-tags'].latest, versions.at(-1))
  assert.deepEqual(Object.keys(packument.versions).toSorted(), versions.toSorted())
  for (const { version, manifest, path } of made.filter((one) => versions.includes(one.version))) {
    const { dist } = packument.versions[version]
    assert.equal(dist.integrity, manifest.dist.integrity)
    assert.match(dist.tarball, /^http:\/\/127\.0\.0\.1:\d+\/api\/v4\/groups\/\d+\/-\/packages\/npm\//)
    assert.ok(dist.tarball.endsWith(path), dist.tarball)
  }
}

const nested = `{"name":"${name}","versions":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`
const wrongDocuments = [
  text('JSON of another kind', '[1,2,3]'),
  text('JSON that is only a word', '"far"'),
  text('JSON that ends early', `{"name":"${name}","dist-tags":{"latest":"1.0.0"},"versions":{"1.0`),
  text('JSON nested a hundred thousand deep', nested),
  text('a packument of another name', '{"name":"near","dist-tags":{},"versions":{}}'),
  text('bytes that are no UTF-8', `{"name":"${name}","readme":"\u00ff`),
]
const wrongManifests = [
  text(
    'a manifest of another version',
    JSON.stringify(makeNpmPackage('http://x', { name, version: '6.6.6' }).manifest),
  ),
  text('a manifest without digests', `{"name":"${name}","version":"1.0.0","dist":{}}`),
  text('a manifest that ends early', `{"name":"${name}","version":"1.0.0","dist":{"integ`),
]
const other = makeNpmPackage('http://x', { name: 'other', version: '1.0.0', ballast: 300_000 }).tarball

faultSuite({
  format: 'npm',
  make,
  cold: {
    document: documentCases(wrongDocuments),
    file: fileCases(other),
    small: fileCases(other),
    digest: digestCases(wrongManifests, [404, 502]),
  },
  warm: [...documentCases(wrongDocuments), { title: '403 of a wall', fault: status(403), cold: [502] }],
})
