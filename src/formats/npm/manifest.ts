/** The package model: a published manifest, kept as JSON texts so that a packument is put together by joining them. */
import type { Digests } from '../format.ts'
import { tooLarge } from '../../lib/problem.ts'
import { readDist } from './integrity.ts'
import { isObject, objectOf, textOf, without, type JsonObject } from './json-values.ts'
import { splitPath } from './names.ts'

export interface NpmModels {
  readonly package: StoredManifest
}
export interface StoredManifest {
  readonly v: 1
  /** The manifest as JSON text without its closing brace, `dist`, `deprecated` and the readme. */
  readonly full: string
  /** The same, of the fields that installing needs (npm's abbreviated metadata). */
  readonly short: string
  /** What the client said in `dist` beside digests and address: JSON text, each property with a comma before it. */
  readonly dist: string
  /** `dist.integrity` of a registry elsewhere, where it is not just the file's SHA-512; empty: it says nothing. */
  readonly integrity?: string
  /** `dist.attestations` of a registry elsewhere without its `url`: JSON text, each property with a comma before it. */
  readonly attestations?: string
  readonly readme?: string
  readonly readmeFilename?: string
}

const maxManifest = 2 * 1024 * 1024
/** Longer ones are cut, as npm's registry does. */
const maxReadme = 64 * 1024
const lifecycle = ['preinstall', 'install', 'postinstall']
const abbreviated = [
  'name',
  'version',
  'dependencies',
  'optionalDependencies',
  'devDependencies',
  'bundleDependencies',
  'bundledDependencies',
  'peerDependencies',
  'peerDependenciesMeta',
  'acceptDependencies',
  'bin',
  'directories',
  'engines',
  'os',
  'cpu',
  'libc',
  'funding',
  '_hasShrinkwrap',
  'hasInstallScript',
]

/**
 * Prepares a manifest for keeping. `dist.tarball`, `shasum` and `integrity` are left out: they are derived from the
 * stored file. `_npmUser` is who published here, whatever the client says. Throws 413 for an unreasonable size.
 */
export function storeManifest(
  manifest: JsonObject,
  as: {
    readonly name: string
    readonly version: string
    readonly publisher: string | undefined
    readonly readme?: string
  },
): StoredManifest {
  const { name, version, publisher, readme } = as
  const user = publisher === undefined ? undefined : { name: publisher }
  return keepManifest(manifest, { name, version, user, readme })
}

/**
 * The same for a manifest of a registry elsewhere: `_npmUser` is who published there, and `dist` keeps what
 * `npm audit signatures` looks at. Throws 400 where its digests are none, 413 for an unreasonable size.
 */
export function storeRemoteManifest(
  manifest: JsonObject,
  as: RemoteIdentity,
): { readonly metadata: StoredManifest; readonly digests: Digests } {
  const dist = objectOf(manifest.dist)
  const { digests, integrity } = readDist(dist)
  const attestations = objectOf(dist.attestations)
  const isLinked = typeof attestations.url === 'string'
  const metadata = {
    ...keepManifest(isLinked ? { ...manifest, dist: without(dist, 'attestations') } : manifest, {
      ...as,
      user: manifest._npmUser,
    }),
    ...(integrity !== undefined && { integrity }),
    ...(isLinked && { attestations: membersText(without(attestations, 'url')) }),
  }
  return { metadata, digests }
}
interface RemoteIdentity {
  readonly name: string
  readonly version: string
  /** It comes in the abbreviated form: all that it says is for installing, also what is not known here. */
  readonly isShort: boolean
  readonly readme: string | undefined
  readonly readmeFilename: string | undefined
}

interface Kept extends Partial<RemoteIdentity> {
  readonly name: string
  readonly version: string
  readonly user: unknown
}

function keepManifest(manifest: JsonObject, as: Kept): StoredManifest {
  const { dist, deprecated: _, readme: said, _npmUser, hasInstallScript, ...rest } = manifest
  const scripts = objectOf(manifest.scripts)
  const runsOnInstall = hasInstallScript === true || lifecycle.some((script) => textOf(scripts[script]))
  const kept: JsonObject = {
    ...rest,
    name: as.name,
    version: as.version,
    ...(runsOnInstall && { hasInstallScript: true }),
    ...(as.user !== undefined && { _npmUser: as.user }),
  }
  const full = JSON.stringify({ ...kept, _id: `${as.name}@${as.version}` })
  const extras = membersText(without(objectOf(dist), 'tarball', 'shasum', 'integrity'))
  if (full.length + extras.length > maxManifest)
    throw tooLarge(`the manifest is larger than ${maxManifest} characters`)
  const short = JSON.stringify(as.isShort ? kept : forInstalling(kept))
  const readme = textOf(said) ?? as.readme
  const readmeFilename = textOf(manifest.readmeFilename) ?? as.readmeFilename
  return {
    v: 1,
    full: full.slice(0, -1),
    short: short.slice(0, -1),
    dist: extras,
    ...(readme !== undefined && { readme: readme.slice(0, maxReadme) }),
    ...(readmeFilename !== undefined && { readmeFilename }),
  }
}

function forInstalling(manifest: JsonObject): JsonObject {
  const picked: Record<string, unknown> = {}
  for (const field of abbreviated) if (manifest[field] !== undefined) picked[field] = manifest[field]
  return picked
}

/** The members of an object as JSON text, each with a comma before it. */
function membersText(value: JsonObject): string {
  const text = JSON.stringify(value)
  return text === '{}' ? '' : `,${text.slice(1, -1)}`
}

/** Accepts what `storeManifest` wrote; throws if it is something else. */
export function decodeManifest(value: unknown): StoredManifest {
  if (!isObject(value) || value.v !== 1) throw new Error('not a stored npm manifest')
  for (const field of ['full', 'short', 'dist']) {
    if (typeof value[field] !== 'string') throw new Error(`stored npm manifest without ${field}`)
  }
  for (const field of ['integrity', 'attestations', 'readme', 'readmeFilename']) {
    if (value[field] !== undefined && typeof value[field] !== 'string')
      throw new Error(`${field} must be a text`)
  }
  return value as unknown as StoredManifest
}

/** The manifest as an object, without `dist` and readme. */
export function parseManifest(stored: StoredManifest): JsonObject {
  return JSON.parse(`${stored.full}}`) as JsonObject
}

/** Names a client may give the tarball in its request: with or without the scope. */
export function attachmentNames(name: string, ...versions: readonly string[]): readonly string[] {
  return versions.flatMap((version) => [`${name}-${version}.tgz`, `${splitPath(name).base}-${version}.tgz`])
}
