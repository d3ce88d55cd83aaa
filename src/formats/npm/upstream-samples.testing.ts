/** For tests: what a registry elsewhere answers about packages, as plain data that any server can send. */
import { hash, sign, type KeyObject } from 'node:crypto'
import { abbreviatedType } from './packument.ts'
import { attestationsPath, splitPath, tarballPath } from './names.ts'
import type { JsonObject } from './json-values.ts'

export interface UpstreamPackage {
  readonly name: string
  readonly versions: readonly UpstreamVersion[]
  /** Default: `latest` is the last version. */
  readonly tags?: Readonly<Record<string, string>>
  /** Where it is served: `http://127.0.0.1:1234`, with a path or not, without a slash at the end. */
  readonly base: string
  /** Signs as npm's registry does; its public half is what `npmKeysAnswer` shows. */
  readonly signer?: Signer
}
export interface UpstreamVersion {
  readonly version: string
  readonly tarball: Uint8Array
  /** More members of the manifest: scripts, dependencies, deprecated ... */
  readonly manifest?: JsonObject
  /** More members of `dist`, or others. */
  readonly dist?: JsonObject
  /** Default: noon of the first days of 2020, one after the other. */
  readonly publishedAt?: string
  /** Sigstore bundles with their predicate types, as the attestations' address answers them. */
  readonly attestations?: readonly JsonObject[]
}
export interface Signer {
  readonly keyid: string
  /** ECDSA, P-256. */
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

export interface UpstreamAnswer {
  readonly contentType: string
  readonly body: Buffer
  readonly etag: string
  /** Where the same address has another form for those who accept it. */
  readonly abbreviated?: Omit<UpstreamAnswer, 'abbreviated'>
}

/** Answers by path (as it stands in the request, `%2f` in lower case): packument, manifests, tarballs, attestations. */
export function npmUpstreamFiles(pkg: UpstreamPackage): Map<string, UpstreamAnswer> {
  const { name, versions } = pkg
  const tags = pkg.tags ?? { latest: versions.at(-1)?.version ?? '' }
  const manifests = Object.fromEntries(versions.map((one) => [one.version, manifestOf(pkg, one)]))
  const escaped = `/${name.replace('/', '%2f')}`
  const full = jsonAnswer(fullPackument(pkg, manifests, tags))
  const short = jsonAnswer(shortPackument(pkg, manifests, tags), abbreviatedType)
  const answers = new Map<string, UpstreamAnswer>([[escaped, { ...full, abbreviated: short }]])
  for (const [tag, version] of Object.entries(tags))
    if (manifests[version]) answers.set(`${escaped}/${tag}`, jsonAnswer(manifests[version]))
  for (const { version, tarball, attestations } of versions) {
    answers.set(`${escaped}/${version}`, jsonAnswer(manifests[version] ?? {}))
    answers.set(`/${tarballPath(name, version)}`, answer(Buffer.from(tarball), 'application/octet-stream'))
    if (attestations)
      answers.set(`/${attestationsPath(escaped.slice(1), version)}`, jsonAnswer({ attestations }))
  }
  return answers
}

/** The answer of `/-/npm/v1/keys`. */
export function npmKeysAnswer(signers: readonly Signer[]): UpstreamAnswer {
  const keys = signers.map(({ keyid, publicKey }) => ({
    expires: null,
    keyid,
    keytype: 'ecdsa-sha2-nistp256',
    scheme: 'ecdsa-sha2-nistp256',
    key: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  }))
  return jsonAnswer({ keys })
}

function answer(body: Buffer, contentType: string): UpstreamAnswer {
  return { contentType, body, etag: `"${hash('sha1', body)}"` }
}
const jsonAnswer = (value: unknown, contentType = 'application/json') =>
  answer(Buffer.from(JSON.stringify(value)), contentType)

function manifestOf({ name, base, signer }: UpstreamPackage, one: UpstreamVersion): JsonObject {
  const { version, tarball, attestations } = one
  const integrity = `sha512-${hash('sha512', tarball, 'base64')}`
  const url = `${base}/${attestationsPath(name.replace('/', '%2f'), version)}`
  return {
    name,
    version,
    description: `A package called ${name}`,
    license: 'MIT',
    main: 'index.js',
    _id: `${name}@${version}`,
    gitHead: hash('sha1', version),
    _nodeVersion: '22.1.0',
    _npmVersion: '10.7.0',
    _npmUser: { name: 'ann', email: 'ann@elsewhere.example' },
    maintainers: [{ name: 'ann', email: 'ann@elsewhere.example' }],
    _hasShrinkwrap: false,
    ...one.manifest,
    dist: {
      integrity,
      shasum: hash('sha1', tarball),
      tarball: `${base}/${tarballPath(name, version)}`,
      fileCount: 2,
      unpackedSize: tarball.length * 2,
      ...(signer && { signatures: [signatureOf(`${name}@${version}:${integrity}`, signer)] }),
      ...(attestations && {
        attestations: { url, provenance: { predicateType: 'https://slsa.example/v1' } },
      }),
      ...one.dist,
    },
  }
}

function signatureOf(message: string, { keyid, privateKey }: Signer): JsonObject {
  return { keyid, sig: sign('sha256', Buffer.from(message), privateKey).toString('base64') }
}

const dayOf = (index: number) => new Date(Date.UTC(2020, 0, 1 + index, 12)).toISOString()
const publishedAt = ({ publishedAt: at }: UpstreamVersion, index: number) => at ?? dayOf(index)

function fullPackument(
  { name, versions }: UpstreamPackage,
  manifests: JsonObject,
  tags: JsonObject,
): JsonObject {
  const times = versions.map((one, index) => [one.version, publishedAt(one, index)] as const)
  return {
    _id: name,
    _rev: `${versions.length}-abc`,
    name,
    description: `A package called ${name}`,
    'dist-tags': tags,
    versions: manifests,
    readme: `# ${splitPath(name).base}`,
    readmeFilename: 'README.md',
    maintainers: [{ name: 'ann', email: 'ann@elsewhere.example' }],
    time: {
      created: times[0]?.[1] ?? dayOf(0),
      modified: times.at(-1)?.[1] ?? dayOf(0),
      ...Object.fromEntries(times),
    },
    license: 'MIT',
  }
}

const forInstalling = (
  'name version dependencies optionalDependencies devDependencies bundleDependencies peerDependencies ' +
  'peerDependenciesMeta acceptDependencies bin directories dist engines os cpu libc funding _hasShrinkwrap deprecated'
).split(' ')

function shortPackument(
  { name, versions }: UpstreamPackage,
  manifests: JsonObject,
  tags: JsonObject,
): JsonObject {
  const short = Object.entries(manifests).map(([version, manifest]) => [
    version,
    shortManifest(manifest as JsonObject),
  ])
  const modified = versions.map(publishedAt).at(-1) ?? dayOf(0)
  return { 'dist-tags': tags, name, versions: Object.fromEntries(short), modified }
}

function shortManifest(manifest: JsonObject): JsonObject {
  const scripts = Object.keys((manifest.scripts ?? {}) as object)
  const runs = scripts.some((script) => ['preinstall', 'install', 'postinstall'].includes(script))
  const picked = forInstalling.filter((field) => manifest[field] !== undefined)
  return {
    ...Object.fromEntries(picked.map((field) => [field, manifest[field]])),
    ...(runs && { hasInstallScript: true }),
  }
}
