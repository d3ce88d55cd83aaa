/** npm packages made in code, and a registry of them on an upstream: packuments in both forms, manifests, tarballs. */
import { createHash, randomBytes } from 'node:crypto'
import { tgz } from './archives.ts'
import type { Asked, Content, FaultyUpstream } from './faulty-upstream.ts'

export interface NpmSpec {
  readonly name: string
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  /** How many bytes that cannot be compressed stand in the tarball beside its code. Default none. */
  readonly ballast?: number
  /** More of its manifest. */
  readonly more?: Readonly<Record<string, unknown>>
  /** More of `dist`, made of the rest of it. */
  readonly dist?: (dist: NpmDist) => Readonly<Record<string, unknown>>
}

export interface NpmDist {
  readonly integrity: string
  readonly shasum: string
  readonly tarball: string
}

/** A package as the upstream has it. */
export interface NpmPackage {
  readonly name: string
  readonly version: string
  readonly manifest: Readonly<Record<string, unknown>> & { readonly dist: NpmDist }
  readonly tarball: Buffer
  /** Relative to the registry, with a slash in front. */
  readonly path: string
}

export interface NpmUpstream {
  readonly upstream: FaultyUpstream
  /** Adds a version; it becomes `latest`. */
  publish(spec: NpmSpec): NpmPackage
  /** Takes a version away, or the whole name. */
  unpublish(name: string, version?: string): void
  /** Puts other bytes, and their digests, in the place of a version. */
  replace(spec: NpmSpec): NpmPackage
  tag(name: string, tag: string, version: string): void
}

export const shortType = 'application/vnd.npm.install-v1+json'
const installFields = ['name', 'version', 'dependencies', 'dist', 'bin', 'engines', 'deprecated']

interface Name {
  readonly packages: Map<string, NpmPackage>
  readonly tags: Record<string, string>
}

/** Serves packages on an upstream. */
export function npmUpstream(upstream: FaultyUpstream): NpmUpstream {
  const names = new Map<string, Name>()
  const nameOf = (key: string) => {
    const known: Name = names.get(key) ?? { packages: new Map(), tags: {} }
    names.set(key, known)
    return known
  }
  const put = (spec: NpmSpec) => {
    const made = makeNpmPackage(upstream.url, spec)
    const name = nameOf(spec.name)
    name.packages.set(spec.version, made)
    upstream.contents.set(made.path, { body: made.tarball, type: 'application/octet-stream' })
    upstream.contents.set(`/${spec.name}/${spec.version}`, () => json(made.manifest))
    upstream.contents.set(`/${spec.name}`, documents(spec.name, name))
    return { name, made }
  }
  return {
    upstream,
    publish(spec) {
      const { name, made } = put(spec)
      name.tags['latest'] = spec.version
      upstream.contents.set(`/${spec.name}`, documents(spec.name, name))
      return made
    },
    replace: (spec) => put(spec).made,
    unpublish(key, version) {
      const name = nameOf(key)
      for (const one of version === undefined ? [...name.packages.keys()] : [version]) {
        upstream.contents.delete(name.packages.get(one)?.path ?? '')
        upstream.contents.delete(`/${key}/${one}`)
        name.packages.delete(one)
      }
      const last = [...name.packages.keys()].at(-1)
      if (last === undefined) upstream.contents.delete(`/${key}`)
      else {
        name.tags['latest'] = last
        upstream.contents.set(`/${key}`, documents(key, name))
      }
    },
    tag(key, tag, version) {
      const name = nameOf(key)
      name.tags[tag] = version
      upstream.contents.set(`/${key}`, documents(key, name))
    },
  }
}

export function makeNpmPackage(registry: string, spec: NpmSpec): NpmPackage {
  const { name, version, dependencies = {}, ballast = 0, more = {} } = spec
  const own = { name, version, main: 'index.js', license: 'MIT', dependencies, ...more }
  const tarball = tgz({
    'package/package.json': JSON.stringify(own, undefined, 2),
    'package/index.js': `module.exports = '${name} ${version}'\n`,
    ...(ballast > 0 ? { 'package/ballast.bin': randomBytes(ballast) } : {}),
  })
  const path = `/${name}/-/${name.slice(name.indexOf('/') + 1)}-${version}.tgz`
  const dist = {
    integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}`,
    shasum: createHash('sha1').update(tarball).digest('hex'),
    tarball: registry + path,
    fileCount: ballast > 0 ? 3 : 2,
    unpackedSize: tarball.length,
  }
  const manifest = { ...own, _id: `${name}@${version}`, dist: { ...dist, ...spec.dist?.(dist) } }
  return { name, version, manifest, tarball, path }
}

/** The packument as it is now, made once for each form. */
function documents(key: string, { packages, tags }: Name): (asked: Asked) => Content {
  const versions = [...packages].map(([version, { manifest }]) => [version, manifest] as const)
  const time = Object.fromEntries(versions.map(([version], at) => [version, dateOf(at)]))
  const full = {
    _id: key,
    _rev: `${versions.length}-0`,
    name: key,
    'dist-tags': { ...tags },
    versions: Object.fromEntries(versions),
    time: { created: dateOf(0), modified: dateOf(versions.length), ...time },
    readme: `# ${key}`,
  }
  return served(full)
}

/** A packument in both forms. */
export function served(full: Packument): (asked: Asked) => Content {
  let long: Content | undefined
  let short: Content | undefined
  return ({ headers }) => {
    if (!headers.accept?.includes(shortType)) return (long ??= json(full))
    return (short ??= json(abbreviated(full), shortType))
  }
}

interface Packument {
  readonly name: string
  readonly 'dist-tags': Readonly<Record<string, string>>
  readonly versions: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly time: Readonly<Record<string, string>>
}

function abbreviated({ name, 'dist-tags': tags, versions, time }: Packument) {
  const picked = Object.entries(versions).map(([version, manifest]) => [
    version,
    Object.fromEntries(installFields.map((field) => [field, manifest[field]])),
  ])
  return { name, 'dist-tags': tags, versions: Object.fromEntries(picked), modified: time['modified'] }
}

export const json = (value: unknown, type = 'application/json'): Content => ({
  body: Buffer.from(JSON.stringify(value)),
  type,
  compressible: true,
})

const dateOf = (at: number) => new Date(1_700_000_000_000 + at * 60_000).toISOString()

/** A packument of so many versions, as long as `bytes` in full; there are no tarballs. */
export function bigPackument(registry: string, name: string, count: number, bytes: number): Packument {
  const each = Math.floor(bytes / count)
  const versions = Array.from({ length: count }, (_, at) => {
    const version = `${Math.floor(at / 100)}.${at % 100}.0`
    const digest = createHash('sha512').update(`${name}@${version}`).digest()
    const dist = {
      integrity: `sha512-${digest.toString('base64')}`,
      shasum: digest.toString('hex', 0, 20),
      tarball: `${registry}/${name}/-/${name}-${version}.tgz`,
    }
    const bare = { name, version, description: '', dependencies: { left: '^1.0.0', right: '~2.3.4' }, dist }
    const room = Math.max(0, each - JSON.stringify(bare).length - 60)
    const filling = `${digest.toString('hex')} `.repeat(Math.ceil(room / 129)).slice(0, room)
    return [version, { ...bare, description: filling }] as const
  })
  const times = versions.map(([version], at) => [version, dateOf(at)] as const)
  return {
    name,
    'dist-tags': { latest: versions.at(-1)![0] },
    versions: Object.fromEntries(versions),
    time: { created: dateOf(0), modified: dateOf(count), ...Object.fromEntries(times) },
  }
}

/** `count` packages that need one another; the first one needs, in the end, all. Some have several versions. */
export function npmTree(
  registry: NpmUpstream,
  count: number,
  { ballast = 2000 } = {},
): readonly NpmPackage[] {
  const nameOf = (at: number) => (at % 7 === 3 ? `@team-${at % 3}/part-${at}` : `part-${at}`)
  return Array.from({ length: count }, (_, index) => count - 1 - index).map((at) => {
    const needed = [2 * at + 1, 2 * at + 2].filter((next) => next < count)
    const dependencies = Object.fromEntries(needed.map((next) => [nameOf(next), '^1.0.0']))
    const name = nameOf(at)
    if (at % 5 === 0) registry.publish({ name, version: '1.0.0', ballast: 100 })
    if (at % 11 === 0) registry.publish({ name, version: '0.9.0', ballast: 100 })
    return registry.publish({ name, version: '1.2.0', dependencies, ballast: ballast + at })
  })
}
