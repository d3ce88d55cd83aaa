/** `maven-metadata.xml`, always derived from records, never the client's own. */
import { inTurns } from '../../lib/turn.ts'
import type { IndexDocument, NameDocument, NameView, PackageView } from '../format.ts'
import { isArtifact } from './checksums.ts'
import { document, element, stamp, withChecksums } from './metadata-xml.ts'
import type { MavenModels } from './models.ts'
import { splitName } from './paths.ts'
import { goalPrefix } from './plugins.ts'
import { newestBuild, newestBuilds } from './snapshots.ts'
import type { SnapshotFile } from './snapshots.ts'
import { decodeMetadata, decodePlugins, pluginElement } from './upstream-metadata.ts'
import { isSnapshot } from './versions.ts'

type Package = PackageView<MavenModels>
type Name = NameView<MavenModels>

/** Of an artifact (part ''), and of each of its SNAPSHOT versions (part: the version). */
export const metadata: NameDocument<MavenModels> = {
  of: 'name',
  async encode(name, { changedAt }) {
    const packages = name.packages.filter((pkg) => pkg.files.some(isArtifact))
    if (packages.length === 0) return undefined
    const snapshots = packages.filter(({ version }) => isSnapshot(version))
    const artifact = await withChecksums('', await artifactMetadata({ ...name, packages }, changedAt))
    const others = await inTurns(snapshots, (pkg) => withChecksums(pkg.version, [snapshotMetadata(pkg)]), 50)
    return [artifact, ...(await Promise.all(others))].flat()
  },
  decode: decodeMetadata,
}

/** Of a group that holds plugins: which artifact `mvn prefix:goal` means. The key is the group's path. */
export const plugins: IndexDocument<MavenModels> = {
  of: 'packages',
  entries({ name, metadata: { pom } }) {
    if (pom?.packaging !== 'maven-plugin') return []
    const { artifactId } = splitName(name)
    const prefix = pom.goalPrefix ?? goalPrefix(artifactId)
    const text = pluginElement({ name: pom.name ?? artifactId, prefix, artifactId })
    return [{ key: name.slice(0, name.lastIndexOf('/')), id: artifactId, text }]
  },
  encode(_group, entries) {
    if (entries.length === 0) return undefined
    const lines = entries.map(({ text }) => text)
    return withChecksums('', [document([element('plugins', lines)])])
  },
  decode: decodePlugins,
}

/** Versions in one piece of the text. */
const versionsInPiece = 1000

/** In pieces: there may be tens of thousands of versions. */
async function artifactMetadata({ name, packages, tags }: Name, changedAt: Date): Promise<string[]> {
  const { groupId, artifactId } = splitName(name)
  const offered = packages.filter((pkg) => pkg.standing?.kind !== 'withdrawn').map(({ version }) => version)
  const versioning = [
    element(
      'latest',
      pointed(tags, 'latest', offered, () => true),
    ),
    element(
      'release',
      pointed(tags, 'release', offered, (version) => !isSnapshot(version)),
    ),
    element('versions', []),
    element('lastUpdated', stamp(changedAt)),
  ]
  const text = document([
    element('groupId', groupId),
    element('artifactId', artifactId),
    element('versioning', versioning),
  ])
  const at = text.indexOf('    </versions>')
  const starts = Array.from(
    { length: Math.ceil(offered.length / versionsInPiece) },
    (_, i) => i * versionsInPiece,
  )
  const pieces = await inTurns(
    starts,
    (from) => {
      const lines = offered.slice(from, from + versionsInPiece).map((each) => element('version', each))
      return `      ${lines.join('\n      ')}\n`
    },
    4,
  )
  const whole = [text.slice(0, at), ...pieces, text.slice(at)]
  return pieces.length > 1 ? whole : [whole.join('')]
}

/**
 * As the upstream says, where it says any of the two: what it leaves out its clients do without. Else, or where it points
 * at nothing that is offered, the last one that fits.
 */
function pointed(
  tags: Name['tags'],
  tag: 'latest' | 'release',
  offered: readonly string[],
  fits: (version: string) => boolean,
): string | undefined {
  const said = tags[tag]
  if (said === undefined && (tags['latest'] ?? tags['release']) !== undefined) return undefined
  if (said !== undefined && offered.includes(said)) return said
  return offered.findLast(fits)
}

function snapshotMetadata({ name, version, files }: Package): string {
  const { groupId, artifactId } = splitName(name)
  const artifacts = files.filter(isArtifact)
  const listed = newestBuilds(artifacts)
  const build = newestBuild(artifacts)
  const changed = artifacts.map(({ createdAt }) => createdAt.getTime())
  const versioning = [
    build &&
      element('snapshot', [element('timestamp', build.timestamp), element('buildNumber', `${build.number}`)]),
    element('lastUpdated', stamp(new Date(changed.reduce((a, b) => Math.max(a, b), 0)))),
    // where an upstream lists no files, none may be listed here: clients then try any file of the build
    listed.length > 0 &&
      element(
        'snapshotVersions',
        listed.map((each) => snapshotVersion(version, each)),
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
  const updated = build ? build.timestamp.replace('.', '') : stamp(file.createdAt)
  return element('snapshotVersion', [
    classifier && element('classifier', classifier),
    element('extension', extension),
    element('value', value),
    element('updated', file.metadata.listed?.updated ?? updated),
  ])
}
