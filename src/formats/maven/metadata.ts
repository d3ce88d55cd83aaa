/** `maven-metadata.xml` (Repository Metadata 1.1.0), always derived from what is published, never the client's. */
import { hash } from 'node:crypto'
import { escapeXml } from '../../lib/xml.ts'
import type { DocumentPart, IndexDocument, NameDocument, PackageView } from '../format.ts'
import { isArtifact } from './checksums.ts'
import type { MavenModels } from './models.ts'
import { checksumSuffixes, splitName } from './paths.ts'
import { goalPrefix } from './plugins.ts'
import { compareBuilds, newestBuilds } from './snapshots.ts'
import type { SnapshotFile } from './snapshots.ts'
import { isSnapshot } from './versions.ts'

type Package = PackageView<MavenModels>

/** Of an artifact (part ''), and of each of its SNAPSHOT versions (part: the version). */
export const metadata: NameDocument<MavenModels> = {
  of: 'name',
  encode(name, tools) {
    const packages = name.packages.filter((pkg) => pkg.files.some(isArtifact))
    const offered = packages.filter((pkg) => pkg.standing?.kind !== 'withdrawn').map(({ version }) => version)
    if (packages.length === 0) return undefined
    return [
      ...withChecksums('', artifactMetadata(name.name, offered, tools.changedAt)),
      ...packages
        .filter(({ version }) => isSnapshot(version))
        .flatMap((pkg) => withChecksums(pkg.version, snapshotMetadata(pkg))),
    ]
  },
}

/** Of a group that holds plugins: which artifact `mvn prefix:goal` means. The key is the group's path. */
export const plugins: IndexDocument<MavenModels> = {
  of: 'packages',
  entries({ name, metadata: { pom } }) {
    if (pom?.packaging !== 'maven-plugin') return []
    const { artifactId } = splitName(name)
    const plugin = [
      element('name', pom.name ?? artifactId),
      element('prefix', pom.goalPrefix ?? goalPrefix(artifactId)),
      element('artifactId', artifactId),
    ]
    return [{ key: name.slice(0, name.lastIndexOf('/')), id: artifactId, text: element('plugin', plugin) }]
  },
  encode(_group, entries) {
    if (entries.length === 0) return undefined
    return withChecksums(
      '',
      document([
        element(
          'plugins',
          entries.map(({ text }) => text),
        ),
      ]),
    )
  },
}

function artifactMetadata(name: string, versions: readonly string[], changedAt: Date): string {
  const { groupId, artifactId } = splitName(name)
  const versioning = [
    element('latest', versions.at(-1)),
    element(
      'release',
      versions.findLast((version) => !isSnapshot(version)),
    ),
    element(
      'versions',
      versions.map((version) => element('version', version)),
    ),
    element('lastUpdated', stamp(changedAt)),
  ]
  return document([
    element('groupId', groupId),
    element('artifactId', artifactId),
    element('versioning', versioning),
  ])
}

function snapshotMetadata({ name, version, files }: Package): string {
  const { groupId, artifactId } = splitName(name)
  const newest = newestBuilds(files)
  const build = newest.toSorted(compareBuilds).at(-1)?.build
  const changed = files.filter(isArtifact).map(({ createdAt }) => createdAt.getTime())
  const versioning = [
    build &&
      element('snapshot', [element('timestamp', build.timestamp), element('buildNumber', `${build.number}`)]),
    element('lastUpdated', stamp(new Date(changed.reduce((a, b) => Math.max(a, b), 0)))),
    element(
      'snapshotVersions',
      newest.map((each) => snapshotVersion(version, each)),
    ),
  ]
  return document([
    element('groupId', groupId),
    element('artifactId', artifactId),
    element('version', version),
    element('versioning', versioning),
  ])
}

function snapshotVersion(version: string, { classifier, extension, build, file }: SnapshotFile): string {
  const value = build ? version.replace(/SNAPSHOT$/, `${build.timestamp}-${build.number}`) : version
  return element('snapshotVersion', [
    classifier && element('classifier', classifier),
    element('extension', extension),
    element('value', value),
    element('updated', build ? build.timestamp.replace('.', '') : stamp(file.createdAt)),
  ])
}

// ------------------------------------------------------------------ XML
function document(content: readonly string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<metadata modelVersion="1.1.0">\n${content.map(indent).join('\n')}\n</metadata>\n`
}

/** Text, or elements on lines of their own; nothing where there is no content. */
function element(name: string, content: string | undefined | readonly (string | undefined | '')[]): string {
  if (content === undefined) return ''
  if (typeof content === 'string') return `<${name}>${escapeXml(content)}</${name}>`
  return [`<${name}>`, ...content.filter((each) => each).map((each) => indent(each!)), `</${name}>`].join(
    '\n',
  )
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ')
}

/** `yyyyMMddHHmmss`, UTC */
function stamp(at: Date): string {
  return at.toISOString().replaceAll(/\D/g, '').slice(0, 14)
}

function withChecksums(part: string, body: string): DocumentPart[] {
  const checksums = checksumSuffixes.map((algorithm) => ({
    path: `${part}.${algorithm}`,
    contentType: 'text/plain',
    body: hash(algorithm, body),
  }))
  return [{ path: part, contentType: 'application/xml', body }, ...checksums]
}
