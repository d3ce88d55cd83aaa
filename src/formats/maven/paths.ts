/**
 * The repository layout: `group/path/artifact/version/file`, the group's dots as slashes
 * (Maven documentation, "Repository Layout - Final").
 */
import { invalid, Problem } from '../../lib/problem.ts'
import type { Digest } from '../format.ts'
import { matching } from '../handlers.ts'
import { isSnapshot, normalizeVersion } from './versions.ts'

/** A file of a package. */
export interface FilePlace {
  readonly kind: 'file'
  /** Group path and artifact: `com/acme/tiny`. */
  readonly name: string
  readonly version: string
  readonly fileName: string
  /** All three, joined: the file's path in the registry. */
  readonly path: string
  /** Not the file is meant but its checksum, which stands at the same path with this suffix. */
  readonly checksum?: Digest
}
/** A `maven-metadata.xml`, of an artifact, a group of plugins or a SNAPSHOT version: the path does not tell which. */
export interface MetadataPlace {
  readonly kind: 'metadata'
  /** Segments above the file, at least one. */
  readonly directory: readonly string[]
  readonly checksum?: Digest
}
/** Coordinates that a file name holds beside artifact and version. */
export interface FileCoordinates {
  readonly classifier?: string
  /** `jar`, `pom`, `tar.gz`, `jar.asc` */
  readonly extension: string
  /** Of a deployed SNAPSHOT file: when (`yyyyMMdd.HHmmss`, UTC) and which of the deployments it belongs to. */
  readonly build?: { readonly timestamp: string; readonly number: number }
}

export const checksumSuffixes: readonly Digest[] = ['md5', 'sha1', 'sha256', 'sha512']

const checkName = matching(
  'name',
  /^(?!.*\.\.)[A-Za-z0-9_-][\w.-]*(?:\/[A-Za-z0-9_-][\w.-]*)*\/[A-Za-z0-9_+-][\w.+-]*$/,
)
const checkFileName = matching('file name', /^(?!\.+$)[\w.+-]+$/)
const checkSegment = matching('path segment', /^(?!.*\.\.)[A-Za-z0-9_+-][\w.+-]*$/)

/** Group path and artifact, case as given: `com/acme/tiny`. Throws `invalid`. */
export function normalizeName(name: string): string {
  return checkName(name)
}

/** `com.acme.*` and `com.acme:tiny` as paths; what has a slash is one already. */
export function spellPattern(pattern: string): string {
  if (pattern.includes('/')) return pattern
  const [group = '', ...artifact] = pattern.split(':')
  return [group.replaceAll('.', '/'), ...artifact].join('/')
}

/** What a path (decoded, relative to the registry) stands for. Throws `invalid` if it is not one of the layout. */
export function parsePath(path: string): FilePlace | MetadataPlace {
  const segments = path.split('/')
  const { base, checksum } = withoutChecksum(segments.pop()!)
  if (base === 'maven-metadata.xml') {
    if (segments.length === 0) throw tooShort(path)
    for (const segment of segments) checkSegment(segment)
    return { kind: 'metadata', directory: segments, checksum }
  }
  const version = segments.pop()
  if (version === undefined || segments.length < 2) throw tooShort(path)
  const name = normalizeName(segments.join('/'))
  normalizeVersion(version)
  checkFileName(base)
  if (checksum && withoutChecksum(base).checksum)
    throw invalid(`${base}.${checksum} would be the checksum of a checksum`)
  return { kind: 'file', name, version, fileName: base, path: `${name}/${version}/${base}`, checksum }
}

/** What `rule` makes of the text; undefined where the rule (such as `parsePath`, `normalizeName`) does not allow it. */
export function ifAllowed<T>(rule: (text: string) => T, text: string): T | undefined {
  try {
    return rule(text)
  } catch (error) {
    if (error instanceof Problem && error.status === 400) return undefined
    throw error
  }
}

function tooShort(path: string) {
  return invalid(`${JSON.stringify(path.slice(0, 100))} is too short: it must be group/artifact/version/file`)
}

/** `tiny-1.0.jar` and sha1 of `tiny-1.0.jar.sha1`; also of the part of a document. */
export function withoutChecksum(fileName: string): { base: string; checksum?: Digest } {
  const checksum = checksumSuffixes.find((suffix) => fileName.endsWith(`.${suffix}`))
  return checksum ? { base: fileName.slice(0, -checksum.length - 1), checksum } : { base: fileName }
}

/** `com.acme` and `tiny` of `com/acme/tiny`. */
export function splitName(name: string): { groupId: string; artifactId: string } {
  const at = name.lastIndexOf('/')
  return { groupId: name.slice(0, at).replaceAll('/', '.'), artifactId: name.slice(at + 1) }
}

/** Undefined for a file that is not named `artifact-version[-classifier].extension`. */
export function fileCoordinates(
  name: string,
  version: string,
  fileName: string,
): FileCoordinates | undefined {
  const { artifactId } = splitName(name)
  const rest = after(fileName, `${artifactId}-${version}`)
  if (rest !== undefined) return classified(rest)
  if (!isSnapshot(version)) return undefined
  const built = after(fileName, `${artifactId}-${version.slice(0, -'SNAPSHOT'.length)}`)
  const [all, timestamp, number] = /^(\d{8}\.\d{6})-(\d{1,9})(?!\d)/.exec(built ?? '') ?? []
  if (!all || !timestamp) return undefined
  const coordinates = classified(built!.slice(all.length))
  return coordinates && { ...coordinates, build: { timestamp, number: Number(number) } }
}

/** A deployed SNAPSHOT file without what tells its builds apart: `-sources.jar`. Other files are the only ones. */
export function buildOf({
  name,
  version,
  path,
}: {
  readonly name: string
  readonly version: string
  readonly path: string
}): string {
  const coordinates = fileCoordinates(name, version, path.slice(path.lastIndexOf('/') + 1))
  if (!coordinates?.build) return path
  const { classifier, extension } = coordinates
  return `${classifier === undefined ? '' : `-${classifier}`}.${extension}`
}

function after(text: string, start: string): string | undefined {
  return text.startsWith(start) ? text.slice(start.length) : undefined
}

/** Reads `.jar`, `-sources.jar`, `-bin.tar.gz.asc`: without a classifier all that follows is the extension. */
function classified(rest: string): FileCoordinates | undefined {
  if (/^\.[\w+-]/.test(rest)) return { extension: rest.slice(1) }
  const [, classifier, extension] = /^-(.+?)\.((?:tar\.)?[\w+-]+(?:\.asc)?)$/.exec(rest) ?? []
  return classifier && extension ? { classifier, extension } : undefined
}
