/** A packument as a registry elsewhere answers it, in full or abbreviated, read into our model. */
import type { RemoteName, RemotePackage, Standing } from '../format.ts'
import { Problem } from '../../lib/problem.ts'
import { isObject, objectOf, textOf, type JsonObject } from './json-values.ts'
import { parseObject, type JsonLimits } from './json-text.ts'
import { storeRemoteManifest, type NpmModels } from './manifest.ts'
import { tarballPath } from './names.ts'
import { readVersion } from './versions.ts'

/** The largest packuments there are have some ten thousand versions and a tenth of this. */
export const packumentLimits: JsonLimits = { bytes: 256 * 1024 * 1024, depth: 200, values: 8_000_000 }
const maxVersions = 100_000
const maxTag = 256
/** Longer reasons of deprecation are cut. */
const maxReason = 4096

/**
 * Reads a packument of `name`. A version that is none, or that says of itself to be another, is left out, as is one with a
 * manifest or digests that cannot be read. Throws an `Error` if the whole is no packument of this name or too large.
 */
export function decodePackument(body: Uint8Array, name: string, part: string): RemoteName<NpmModels> {
  const packument = parseObject(body, 'the packument', packumentLimits)
  checkName(packument, name)
  const versions = entriesOf(packument, 'versions')
  const latest = readVersion(objectOf(packument['dist-tags']).latest)
  const times = objectOf(packument.time)
  const packages = new Map<string, RemotePackage<NpmModels>>()
  for (const [key, manifest] of versions) {
    const version = readVersion(key)
    if (version === undefined || !isObject(manifest)) continue
    // Two spellings of one version: the one that is spelled as we do stands.
    if (packages.has(version) && key !== version) continue
    const readme = version === latest ? packument : {}
    const pkg = remotePackage(manifest, { name, version, part, readme, publishedAt: dateOf(times[key]) })
    if (pkg) packages.set(version, pkg)
  }
  const createdAt = dateOf(times.created)
  const changedAt = dateOf(times.modified) ?? dateOf(packument.modified)
  return {
    name,
    packages: [...packages.values()],
    tags: tagsOf(packument, packages),
    ...(createdAt && { createdAt }),
    ...(changedAt && { changedAt }),
  }
}

/** Throws an `Error` unless this is a document about this name. */
export function checkName(document: JsonObject, name: string): void {
  if (document.name !== name) throw new Error(`the answer is not about ${name}`)
}

function entriesOf(packument: JsonObject, field: 'versions' | 'dist-tags'): [string, unknown][] {
  const value = packument[field] ?? {}
  if (!isObject(value)) throw new Error(`${field} of the packument is not an object`)
  const entries = Object.entries(value)
  if (entries.length > maxVersions) throw new Error(`the packument has more than ${maxVersions} ${field}`)
  return entries
}

interface Identity {
  readonly name: string
  readonly version: string
  readonly part: string
  /** Where the readme stands, if it is this version's. */
  readonly readme: JsonObject
  readonly publishedAt: Date | undefined
}

function remotePackage(manifest: JsonObject, of: Identity): RemotePackage<NpmModels> | undefined {
  const { name, version, publishedAt } = of
  if ((manifest.name ?? name) !== name || readVersion(manifest.version ?? version) !== version)
    return undefined
  if (!isObject(manifest.dist)) return undefined
  const stored = storedOrNothing(manifest, of)
  if (!stored) return undefined
  const standing = standingOf(manifest.deprecated)
  return {
    version,
    ...(publishedAt && { publishedAt }),
    ...(standing && { standing }),
    metadata: stored.metadata,
    files: [{ path: tarballPath(name, version), digests: stored.digests, metadata: {} }],
  }
}

function storedOrNothing(manifest: JsonObject, { name, version, part, readme }: Identity) {
  try {
    return storeRemoteManifest(manifest, {
      name,
      version,
      // Registries without an abbreviated form answer with the full one, where each manifest has an `_id`.
      isShort: part === 'short' && manifest._id === undefined,
      readme: textOf(readme.readme),
      readmeFilename: textOf(readme.readmeFilename),
    })
  } catch (error) {
    if (error instanceof Problem) return undefined
    throw error
  }
}

function standingOf(deprecated: unknown): Standing | undefined {
  if (deprecated === true) return { kind: 'deprecated' }
  const reason = textOf(deprecated)
  return reason === undefined ? undefined : { kind: 'deprecated', reason: reason.slice(0, maxReason) }
}

function tagsOf(packument: JsonObject, packages: ReadonlyMap<string, unknown>): Record<string, string> {
  const tags: [string, string][] = []
  for (const [tag, given] of entriesOf(packument, 'dist-tags')) {
    const version = readVersion(given)
    if (version === undefined || !packages.has(version)) continue
    if (tag !== '' && tag.length <= maxTag && tag !== '__proto__') tags.push([tag, version])
  }
  return Object.fromEntries(tags)
}

function dateOf(value: unknown): Date | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d(T[\d:.]{1,20}(Z|[+-]\d\d:?\d\d)?)?$/.test(value))
    return undefined
  const date = new Date(value)
  return Number.isNaN(date.getTime()) ? undefined : date
}
