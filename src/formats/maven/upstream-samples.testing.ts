/** What a repository elsewhere answers, as plain data: for tests that put a server in front of it. */
import { hash } from 'node:crypto'
import { isSnapshot, sortVersions } from './versions.ts'

export interface UpstreamArtifact {
  readonly groupId: string
  readonly artifactId: string
  /** Files of SNAPSHOT versions get names with a time stamp, as deployed ones have. */
  readonly versions: readonly { readonly version: string; readonly jar: Buffer; readonly pom: string }[]
  /** Whether the head of a file's answer says its digests, as large repositories do. Default false. */
  readonly digestHeaders?: boolean
}
export interface UpstreamAnswer {
  readonly contentType: string
  readonly body: Buffer
  readonly headers?: Readonly<Record<string, string>>
}

/** The one build of every SNAPSHOT. */
const build = { timestamp: '20240102.030405', number: 6, updated: '20240102030405' }

/** By path, relative to the repository: the files, the metadata, and the `.sha1` and `.md5` of both. */
export function mavenUpstreamFiles(artifact: UpstreamArtifact): Map<string, UpstreamAnswer> {
  const { groupId, artifactId, versions, digestHeaders = false } = artifact
  const files = new Map<string, UpstreamAnswer>()
  const add = (path: string, contentType: string, body: Buffer, says = false) => {
    const [sha1, md5] = [hash('sha1', body), hash('md5', body)]
    const headers = says ? { 'x-checksum-sha1': sha1, 'x-checksum-md5': md5 } : undefined
    files.set(path, { contentType, body, headers })
    for (const [suffix, digest] of Object.entries({ sha1, md5 }))
      files.set(`${path}.${suffix}`, { contentType: 'text/plain', body: Buffer.from(digest) })
  }
  const directory = `${groupId.replaceAll('.', '/')}/${artifactId}`
  const about = `<groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId>`
  for (const { version, jar, pom } of versions) {
    const at = `${directory}/${version}`
    const value = isSnapshot(version)
      ? version.replace(/SNAPSHOT$/, `${build.timestamp}-${build.number}`)
      : version
    add(`${at}/${artifactId}-${value}.jar`, 'application/java-archive', jar, digestHeaders)
    add(`${at}/${artifactId}-${value}.pom`, 'text/xml', Buffer.from(pom), digestHeaders)
    if (value === version) continue
    const xml = metadata(`${about}<version>${version}</version>${snapshotVersioning(value)}`)
    add(`${at}/maven-metadata.xml`, 'text/xml', xml)
  }
  const xml = metadata(`${about}${artifactVersioning(versions.map(({ version }) => version))}`)
  add(`${directory}/maven-metadata.xml`, 'text/xml', xml)
  return files
}

function metadata(content: string): Buffer {
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<metadata>${content}</metadata>\n`)
}

function artifactVersioning(versions: readonly string[]): string {
  const sorted = sortVersions(versions)
  const release = sorted.findLast((version) => !isSnapshot(version))
  const pointers = `<latest>${sorted.at(-1)}</latest>${release ? `<release>${release}</release>` : ''}`
  const list = sorted.map((version) => `<version>${version}</version>`).join('')
  const updated = `<lastUpdated>${build.updated}</lastUpdated>`
  return `<versioning>${pointers}<versions>${list}</versions>${updated}</versioning>`
}

function snapshotVersioning(value: string): string {
  const { timestamp, number, updated } = build
  const snapshot = `<snapshot><timestamp>${timestamp}</timestamp><buildNumber>${number}</buildNumber></snapshot>`
  const rows = ['jar', 'pom'].map(
    (extension) =>
      `<snapshotVersion><extension>${extension}</extension><value>${value}</value><updated>${updated}</updated></snapshotVersion>`,
  )
  const list = `<snapshotVersions>${rows.join('')}</snapshotVersions>`
  return `<versioning>${snapshot}<lastUpdated>${updated}</lastUpdated>${list}</versioning>`
}
