/** Maven artifacts made in code, and a repository of them on an upstream: jars, poms, checksums, metadata. */
import { createHash, randomBytes } from 'node:crypto'
import type { Artifact } from '../clients/support/maven.ts'
import { jar } from './archives.ts'
import type { Content, FaultyUpstream } from './faulty-upstream.ts'

export interface MavenSpec extends Artifact {
  readonly dependencies?: readonly Artifact[]
  /** How many bytes that cannot be compressed stand in the jar. */
  readonly ballast?: number
  /** Which checksums stand beside the files. Default md5 and sha1. */
  readonly checksums?: readonly ('md5' | 'sha1' | 'sha256' | 'sha512')[]
  /** Whether the heads of answers say digests, too. */
  readonly inHeads?: boolean
}

export interface MavenPackage extends Artifact {
  readonly jar: Buffer
  readonly pom: Buffer
  /** Relative to the repository, with a slash in front: without the ending. */
  readonly path: string
  /** Of the metadata. */
  readonly metadata: string
}

export interface MavenUpstream {
  readonly upstream: FaultyUpstream
  /** Adds a version; it becomes the latest. */
  deploy(spec: MavenSpec): MavenPackage
  /** Takes a version away, or the whole artifact. */
  remove(artifact: Artifact | Omit<Artifact, 'version'>): void
}

/** Serves artifacts on an upstream. */
export function mavenUpstream(upstream: FaultyUpstream): MavenUpstream {
  const versions = new Map<string, string[]>()
  const put = (path: string, body: Buffer, type: string, spec?: Pick<MavenSpec, 'checksums' | 'inHeads'>) => {
    const { checksums = ['md5', 'sha1'], inHeads = false } = spec ?? {}
    const sums = checksums.map((name) => [name, createHash(name).update(body).digest('hex')] as const)
    const headers = inHeads ? Object.fromEntries(sums.map(([name, sum]) => [`x-checksum-${name}`, sum])) : {}
    upstream.contents.set(path, { body, type, headers })
    for (const [name, sum] of sums) upstream.contents.set(`${path}.${name}`, plain(sum))
  }
  const describe = (folder: string, { groupId, artifactId }: Omit<Artifact, 'version'>) => {
    const path = `${folder}/maven-metadata.xml`
    const all = versions.get(folder) ?? []
    for (const at of ['', '.md5', '.sha1']) upstream.contents.delete(path + at)
    if (all.length > 0) put(path, Buffer.from(metadataOf(groupId, artifactId, all)), 'text/xml')
  }
  return {
    upstream,
    deploy(spec) {
      const folder = folderOf(spec)
      const path = `${folder}/${spec.version}/${spec.artifactId}-${spec.version}`
      const made = makeMavenPackage(spec, path)
      put(`${path}.jar`, made.jar, 'application/java-archive', spec)
      put(`${path}.pom`, made.pom, 'text/xml', spec)
      const others = (versions.get(folder) ?? []).filter((version) => version !== spec.version)
      versions.set(folder, [...others, spec.version])
      describe(folder, spec)
      return made
    },
    remove(artifact) {
      const folder = folderOf(artifact)
      const gone = 'version' in artifact ? `${folder}/${artifact.version}/` : `${folder}/`
      for (const path of upstream.contents.keys()) if (path.startsWith(gone)) upstream.contents.delete(path)
      const kept = (version: string) => 'version' in artifact && version !== artifact.version
      versions.set(folder, (versions.get(folder) ?? []).filter(kept))
      describe(folder, artifact)
    },
  }
}

const folderOf = ({ groupId, artifactId }: Omit<Artifact, 'version'>) =>
  `/${groupId.replaceAll('.', '/')}/${artifactId}`

const plain = (text: string): Content => ({ body: Buffer.from(text), type: 'text/plain' })

function makeMavenPackage(spec: MavenSpec, path: string): MavenPackage {
  const { groupId, artifactId, version, dependencies = [], ballast = 100 } = spec
  const needs = dependencies.map((one) => `<dependency>${coordinates(one)}</dependency>`).join('')
  const pom = `<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
${coordinates({ groupId, artifactId, version })}
<dependencies>${needs}</dependencies></project>
`
  const bytes = jar({
    'META-INF/MANIFEST.MF': 'Manifest-Version: 1.0\r\n\r\n',
    ballast: randomBytes(ballast),
  })
  const metadata = `${folderOf(spec)}/maven-metadata.xml`
  return { groupId, artifactId, version, jar: bytes, pom: Buffer.from(pom), path, metadata }
}

function coordinates({ groupId, artifactId, version }: Artifact): string {
  return `<groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version>`
}

function metadataOf(groupId: string, artifactId: string, versions: readonly string[]): string {
  const last = versions.at(-1)
  const list = versions.map((version) => `<version>${version}</version>`).join('')
  return `<?xml version="1.0" encoding="UTF-8"?>
<metadata><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><versioning>
<latest>${last}</latest><release>${last}</release><versions>${list}</versions>
<lastUpdated>20240101000000</lastUpdated></versioning></metadata>
`
}

/** `count` artifacts, each needing the two behind it; the first needs, in the end, all. */
export function mavenTree(
  repository: MavenUpstream,
  count: number,
  groupId = 'org.upstream',
): readonly MavenPackage[] {
  const at = (index: number): Artifact => ({ groupId, artifactId: `part-${index}`, version: `1.${index}.0` })
  return Array.from({ length: count }, (_, index) => {
    const dependencies = [2 * index + 1, 2 * index + 2].filter((next) => next < count).map(at)
    return repository.deploy({ ...at(index), dependencies, ballast: 3000 + index })
  })
}
