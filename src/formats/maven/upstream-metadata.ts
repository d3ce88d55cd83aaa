/** Reads the `maven-metadata.xml` of other repositories (Repository Metadata 1.0.0 and 1.1.0). */
import { invalid, notFound } from '../../lib/problem.ts'
import { readXmlAtOnce } from '../../lib/xml.ts'
import type { RemoteEntry, RemoteFile, RemoteName, RemotePackage } from '../format.ts'
import { element } from './metadata-xml.ts'
import type { MavenModels } from './models.ts'
import { fileCoordinates, ifAllowed, normalizeName, parsePath, splitName, withoutChecksum } from './paths.ts'
import { normalizeVersion, sortVersions } from './versions.ts'

/** In bytes; versions, listed files and plugins in entries; a plugin's texts in characters. */
const limits = { bytes: 16 * 1024 * 1024, versions: 100_000, rows: 10_000, text: 1000 }
const xmlLimits = { depth: 16, elements: 300_000, text: 4096 }

type Row = Record<string, string>
interface Raw {
  /** Texts by their path below `metadata`; of those at one path the first. */
  readonly values: Map<string, string>
  readonly versions: string[]
  readonly rows: Readonly<Record<'snapshotVersion' | 'plugin', Row[]>>
}

const valuesAt: ReadonlySet<string> = new Set([
  'groupId',
  'artifactId',
  'version',
  ...['latest', 'release', 'lastUpdated', 'snapshot/timestamp', 'snapshot/buildNumber'].map(
    (path) => `versioning/${path}`,
  ),
])
const columns: ReadonlySet<string> = new Set(
  'classifier extension value updated name prefix artifactId'.split(' '),
)
const rowAt: ReadonlyMap<string, keyof Raw['rows']> = new Map([
  ['versioning/snapshotVersions/snapshotVersion', 'snapshotVersion'],
  ['plugins/plugin', 'plugin'],
])

/**
 * The versions of an artifact (part ''), or the files of a SNAPSHOT version (part: the version). A checksum's part is
 * read as what it is the checksum of.
 *
 * Throws `notFound` where the document says nothing of the kind (a group of plugins has its own at the same path), `invalid`
 * if it is broken, over a limit or about something else.
 */
export function decodeMetadata(body: Uint8Array, name: string, part: string): RemoteName<MavenModels> {
  const raw = collect(body)
  const version = withoutChecksum(part).base
  const changedAt = timeOf(raw.values.get('versioning/lastUpdated'))
  const found = version === '' ? artifactOf(raw, name) : snapshotOf(raw, name, version)
  // A group of plugins names itself, if anything, by its whole path.
  if (found || raw.values.has('artifactId')) requireAbout(raw, name)
  if (!found) throw notFound(`maven-metadata.xml lists no versions of ${name}`)
  return { name, ...found, changedAt }
}

/** Prefixes by plugin. Empty for metadata of an artifact. Throws `invalid` as above. */
export function decodePlugins(body: Uint8Array, key: string): RemoteEntry[] {
  const raw = collect(body)
  if (raw.values.get('groupId') !== key.replaceAll('/', '.')) requireAbout(raw, key)
  const prefixes = new Set<string>()
  const ids = new Set<string>()
  return raw.rows.plugin.flatMap((row) => {
    const { artifactId = '', prefix = '' } = row
    const name = row['name'] || artifactId
    const full = `${key}/${artifactId}`
    const fits = [artifactId, prefix, name].every((text) => text !== '' && text.length <= limits.text)
    // clients take the first of a prefix
    if (
      !fits ||
      ifAllowed(normalizeName, full) === undefined ||
      artifactId.includes('/') ||
      prefixes.has(prefix)
    )
      return []
    const id = ids.has(artifactId) ? `${artifactId}:${prefix}` : artifactId
    prefixes.add(prefix)
    ids.add(artifactId)
    return [{ id, text: pluginElement({ name, prefix, artifactId }), name: full }]
  })
}

/** A line of a group's metadata. */
export function pluginElement(plugin: { name: string; prefix: string; artifactId: string }): string {
  const { name, prefix, artifactId } = plugin
  return element('plugin', [
    element('name', name),
    element('prefix', prefix),
    element('artifactId', artifactId),
  ])
}

// ------------------------------------------------------------------ an artifact's versions
type Found = Pick<RemoteName<MavenModels>, 'packages' | 'tags'>

function artifactOf({ values, versions }: Raw, name: string): Found | undefined {
  const pointers = (['latest', 'release'] as const).flatMap((tag) => {
    const version = values.get(`versioning/${tag}`)
    return version ? [[tag, version] as const] : []
  })
  const said = versions.length > 0 ? versions : pointers.map(([, version]) => version)
  const known = new Set(said.filter((version) => ifAllowed(normalizeVersion, version) !== undefined))
  if (known.size === 0) return undefined
  return {
    packages: sortVersions([...known]).map((version) => nominalPackage(name, version)),
    tags: Object.fromEntries(pointers.filter(([, version]) => known.has(version))),
  }
}

/** Which files there are is not said; a POM nearly always is. */
function nominalPackage(name: string, version: string, value = version): RemotePackage<MavenModels> {
  const path = `${name}/${version}/${splitName(name).artifactId}-${value}.pom`
  return { version, metadata: {}, files: [{ path, digests: {}, metadata: { nominal: true } }] }
}

// ------------------------------------------------------------------ a SNAPSHOT version's files
function snapshotOf(raw: Raw, name: string, version: string): Found | undefined {
  const { values, rows } = raw
  const said = values.get('version')
  const build = buildOf(raw, version)
  if (said === undefined && build === undefined && rows.snapshotVersion.length === 0) return undefined
  if (said !== undefined && said !== version)
    throw invalid(`maven-metadata.xml is about version ${said.slice(0, 100)}, not ${version}`)
  const files = listedFiles(rows.snapshotVersion, name, version)
  const nominal = nominalPackage(name, version, build)
  const needsNominal = build
    ? files.every(({ path }) => valueIn(path, name, version) !== build)
    : files.length === 0
  const packages = [{ ...nominal, files: needsNominal ? [...files, ...nominal.files] : files }]
  return { packages }
}

/** `1.0-20240102.030405-6`, as `<snapshot>` says. */
function buildOf({ values }: Raw, version: string): string | undefined {
  const timestamp = values.get('versioning/snapshot/timestamp') ?? ''
  const number = values.get('versioning/snapshot/buildNumber') ?? ''
  const build = `${timestamp}-${number}`
  return /^\d{8}\.\d{6}-\d{1,9}$/.test(build) ? version.replace(/SNAPSHOT$/, build) : undefined
}

/** Of several for one classifier and extension the one updated last, as clients choose. */
function listedFiles(rows: readonly Row[], name: string, version: string): RemoteFile<MavenModels>[] {
  const files = new Map<string, RemoteFile<MavenModels>>()
  for (const row of rows) {
    const file = listedFile(row, name, version)
    if (!file) continue
    const key = `${row['classifier'] ?? ''}:${row['extension']}`
    const known = files.get(key)?.metadata.listed?.updated ?? ''
    if (!files.has(key) || known < (file.metadata.listed?.updated ?? '')) files.set(key, file)
  }
  return [...new Map([...files.values()].map((file) => [file.path, file])).values()]
}

function listedFile(row: Row, name: string, version: string): RemoteFile<MavenModels> | undefined {
  const { classifier, extension = '', value = '', updated = '' } = row
  const fileName = `${splitName(name).artifactId}-${value}${classifier ? `-${classifier}` : ''}.${extension}`
  const path = `${name}/${version}/${fileName}`
  if (extension === '' || !isFilePath(path) || valueIn(path, name, version) !== value) return undefined
  const listed = { classifier: classifier || undefined, extension, updated: digitsOf(updated) }
  return { path, digests: {}, metadata: { listed } }
}

/** What stands in a file's name in place of the version; undefined where the name is no such one. */
function valueIn(path: string, name: string, version: string): string | undefined {
  const coordinates = fileCoordinates(name, version, path.slice(path.lastIndexOf('/') + 1))
  if (!coordinates?.build) return coordinates && version
  const { timestamp, number } = coordinates.build
  return version.replace(/SNAPSHOT$/, `${timestamp}-${number}`)
}

function isFilePath(path: string): boolean {
  const place = ifAllowed(parsePath, path)
  return place?.kind === 'file' && !place.checksum && place.path === path
}

// ------------------------------------------------------------------ reading
function collect(body: Uint8Array): Raw {
  if (body.length > limits.bytes) throw invalid(`maven-metadata.xml is larger than ${limits.bytes} bytes`)
  const raw: Raw = { values: new Map(), versions: [], rows: { snapshotVersion: [], plugin: [] } }
  let row: Row = {}
  let root = ''
  const ended = (full: string, text: string) => {
    root = full
    const path = full.slice(full.indexOf('/') + 1)
    if (path === 'versioning/versions/version') return add(raw.versions, text, limits.versions)
    const at = Math.max(path.lastIndexOf('/'), 0)
    const column = path.slice(at + 1)
    if (rowAt.has(path.slice(0, at)) && columns.has(column)) row[column] = text
    const kind = rowAt.get(path)
    if (kind) {
      add(raw.rows[kind], row, limits.rows)
      row = {}
    } else if (text !== '' && valuesAt.has(path) && !raw.values.has(path)) raw.values.set(path, text)
  }
  readXmlAtOnce('maven-metadata.xml', body, { limits: xmlLimits, element: ended })
  if (root !== 'metadata')
    throw invalid(`the root element of maven-metadata.xml is <${root.slice(0, 100)}>, not <metadata>`)
  return raw
}

function add<T>(list: T[], item: T, most: number): void {
  if (list.length >= most) throw invalid(`maven-metadata.xml has more than ${most} entries`)
  list.push(item)
}

/** What the document leaves out contradicts nothing. */
function requireAbout({ values }: Raw, name: string): void {
  const expected = splitName(name)
  for (const part of ['groupId', 'artifactId'] as const) {
    const said = values.get(part)
    if (said === undefined || said === expected[part]) continue
    throw invalid(
      `the ${part} in maven-metadata.xml is ${said.slice(0, 100)}, the path's is ${expected[part]}`,
    )
  }
}

/** `yyyyMMddHHmmss`; some wrote it with a dot, as in file names. */
function digitsOf(text: string | undefined): string | undefined {
  return /^\d{8}\.?\d{6}$/.test(text ?? '') ? text!.replace('.', '') : undefined
}

function timeOf(text: string | undefined): Date | undefined {
  const iso = digitsOf(text)?.replace(/(....)(..)(..)(..)(..)(..)/, '$1-$2-$3T$4:$5:$6.000Z')
  const at = iso ? new Date(iso) : undefined
  // 30 February is no day, though Date takes it for one
  return at && !Number.isNaN(at.getTime()) && at.toISOString() === iso ? at : undefined
}
