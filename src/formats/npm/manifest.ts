/** The package model: a published manifest, kept as JSON texts so that a packument is put together by joining them. */
import type { FileView, PackageView, Tools } from '../format.ts'
import { tooLarge } from '../../lib/problem.ts'
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
  const scripts = objectOf(manifest.scripts)
  const runsOnInstall =
    manifest.hasInstallScript === true || lifecycle.some((script) => textOf(scripts[script]))
  const kept = {
    ...without(manifest, 'dist', 'deprecated', 'readme', '_npmUser', 'hasInstallScript'),
    name: as.name,
    version: as.version,
    _id: `${as.name}@${as.version}`,
    ...(runsOnInstall && { hasInstallScript: true }),
    ...(as.publisher !== undefined && { _npmUser: { name: as.publisher } }),
  }
  const full = JSON.stringify(kept)
  const dist = JSON.stringify(without(objectOf(manifest.dist), 'tarball', 'shasum', 'integrity'))
  if (full.length + dist.length > maxManifest)
    throw tooLarge(`the manifest is larger than ${maxManifest} characters`)
  const short = JSON.stringify(
    Object.fromEntries(Object.entries(kept).filter(([name]) => abbreviated.includes(name))),
  )
  const readme = textOf(manifest.readme) ?? as.readme
  const readmeFilename = textOf(manifest.readmeFilename)
  return {
    v: 1,
    full: full.slice(0, -1),
    short: short.slice(0, -1),
    dist: dist === '{}' ? '' : `,${dist.slice(1, -1)}`,
    ...(readme !== undefined && { readme: readme.slice(0, maxReadme) }),
    ...(readmeFilename !== undefined && { readmeFilename }),
  }
}

/** Accepts what `storeManifest` wrote; throws if it is something else. */
export function decodeManifest(value: unknown): StoredManifest {
  if (!isObject(value) || value.v !== 1) throw new Error('not a stored npm manifest')
  for (const field of ['full', 'short', 'dist']) {
    if (typeof value[field] !== 'string') throw new Error(`stored npm manifest without ${field}`)
  }
  for (const field of ['readme', 'readmeFilename']) {
    if (value[field] !== undefined && typeof value[field] !== 'string')
      throw new Error(`${field} must be a text`)
  }
  return value as unknown as StoredManifest
}

/** The manifest as an object, without `dist` and readme. */
export function parseManifest(stored: StoredManifest): JsonObject {
  return JSON.parse(`${stored.full}}`) as JsonObject
}

/** A version's JSON text as a packument shows it, in full and abbreviated; undefined for one without its tarball. */
export function manifestTexts(
  pkg: PackageView<NpmModels>,
  links: Tools['links'],
): { readonly full: string; readonly short: string } | undefined {
  const file = pkg.files.find((candidate) => candidate.path.endsWith('.tgz'))
  if (!file) return undefined
  const { metadata, standing } = pkg
  const deprecated = standing ? `,"deprecated":${JSON.stringify(standing.reason ?? 'deprecated')}` : ''
  const rest = `,"dist":${distText(file, links, metadata.dist)}${deprecated}}`
  return { full: metadata.full + rest, short: metadata.short + rest }
}

function distText(file: FileView<NpmModels>, links: Tools['links'], extras: string): string {
  const { sha1, sha512 } = file.digests
  const integrity = sha512 ? `"integrity":"sha512-${Buffer.from(sha512, 'hex').toString('base64')}",` : ''
  const shasum = sha1 ? `"shasum":"${sha1}",` : ''
  return `{${integrity}${shasum}"tarball":${JSON.stringify(links.to(file.path))}${extras}}`
}

/** Names a client may give the tarball in its request: with or without the scope. */
export function attachmentNames(name: string, ...versions: readonly string[]): readonly string[] {
  return versions.flatMap((version) => [`${name}-${version}.tgz`, `${splitPath(name).base}-${version}.tgz`])
}
