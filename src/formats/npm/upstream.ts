/** Where a registry elsewhere has what ours fill from (npm/registry docs/REGISTRY-API.md), and where it says digests. */
import type { ClientMachine, DigestSource, RemoteDigests, Upstream, UpstreamFile } from '../format.ts'
import { invalid } from '../../lib/problem.ts'
import { readDist } from './integrity.ts'
import { isObject, objectOf, textOf, type JsonObject } from './json-values.ts'
import { parseObject } from './json-text.ts'
import { attestationsPath, isRemoteName, normalizeRemoteName, splitPath } from './names.ts'
import { abbreviatedType } from './packument.ts'
import { readSpec } from './provenance.ts'
import { checkName, packumentLimits } from './remote-name.ts'
import { readVersion } from './versions.ts'

const json = 'application/json'
/** As npm asks: some registries have no abbreviated form and answer in full. */
const abbreviated = `${abbreviatedType}; q=1.0, ${json}; q=0.8`
const maxUrl = 2048

export const upstream: Upstream = {
  clientAddress,
  normalizeName: normalizeRemoteName,
  document(rule, key, part) {
    if (rule === 'packument') {
      if (!isRemoteName(key)) return undefined
      return { path: escaped(key), accept: part === 'short' ? abbreviated : json }
    }
    if (rule === 'keys') return { path: '-/npm/v1/keys', accept: json }
    const spec = rule === 'attestations' ? readSpec(key) : undefined
    return spec && { path: attestationsPath(escaped(spec.name), spec.version), accept: json }
  },
  file: fileOf,
}

/** The registry that npm is configured for: what it prints is an address with `http:` or `https:`, or `undefined`. */
async function clientAddress(machine: ClientMachine): Promise<string | undefined> {
  const address = (await machine.run('npm', 'config', 'get', 'registry'))?.trim()
  if (address === undefined || address.length > maxUrl) return undefined
  return isWebAddress(address) ? address : undefined
}

function isWebAddress(text: string): boolean {
  return /^https?:\/\/\S+$/i.test(text) && URL.canParse(text)
}

/** A name as clients put it into an address: one segment. Whatever else stands in a name needs no encoding. */
function escaped(name: string): string {
  return name.replace('/', '%2f')
}

function fileOf(path: string): UpstreamFile | undefined {
  const { name, rest } = splitPath(path)
  const file = rest.startsWith('-/') ? rest.slice(2) : ''
  const { base } = splitPath(name)
  if (!isRemoteName(name) || !file.startsWith(`${base}-`) || !file.endsWith('.tgz')) return undefined
  const version = file.slice(base.length + 1, -'.tgz'.length)
  if (readVersion(version) === undefined) return undefined
  return {
    // As `dist.tarball` usually has it: the scope's slash is a slash here.
    path: `${name}/-/${encodeURIComponent(file)}`,
    name,
    version,
    namedBy: { rule: 'packument', part: 'short' },
    early: true,
    needsDigest: true,
    digests: [manifestSource(name, version), packumentSource(name, version)],
  }
}

/** The version's own manifest: small, so it is there before the tarball is. */
function manifestSource(name: string, version: string): DigestSource {
  return {
    path: `${escaped(name)}/${encodeURIComponent(version)}`,
    accept: json,
    read(body) {
      const manifest = parseObject(body, 'the manifest', packumentLimits)
      checkName(manifest, name)
      if (readVersion(manifest.version) !== readVersion(version))
        throw invalid(`the answer is not about version ${version}`)
      return digestsOf(manifest)
    },
  }
}

/** For registries that have no single manifests. */
function packumentSource(name: string, version: string): DigestSource {
  return {
    path: escaped(name),
    accept: abbreviated,
    read(body) {
      const packument = parseObject(body, 'the packument', packumentLimits)
      checkName(packument, name)
      const manifest = manifestIn(objectOf(packument.versions), version)
      return manifest && digestsOf(manifest)
    },
  }
}

function manifestIn(versions: JsonObject, version: string): JsonObject | undefined {
  const normalized = readVersion(version)
  const key = [version, ...Object.keys(versions)].find(
    (candidate) => Object.hasOwn(versions, candidate) && readVersion(candidate) === normalized,
  )
  const manifest = key === undefined ? undefined : versions[key]
  return isObject(manifest) ? manifest : undefined
}

function digestsOf(manifest: JsonObject): RemoteDigests | undefined {
  const dist = objectOf(manifest.dist)
  const { digests } = readDist(dist)
  if (Object.keys(digests).length === 0) return undefined
  const from = textOf(dist.tarball)
  const isAddress = from !== undefined && from.length <= maxUrl && isWebAddress(from)
  return { digests, ...(isAddress && { from }) }
}
