/**
 * How other repositories are asked: the layout is the same everywhere, so every path is theirs as it is ours. No character
 * that may stand in one needs encoding.
 */
import type { Upstream, UpstreamFile, UpstreamRequest } from '../format.ts'
import { clientAddress } from './client-address.ts'
import { ifAllowed, normalizeName, parsePath, withoutChecksum } from './paths.ts'
import { digestSources, digestsOf } from './upstream-digests.ts'
import { isSnapshot } from './versions.ts'

export const upstream: Upstream = { clientAddress, digests: ['sha1'], document, file }

/** The parts that are checksums are made of our own rendering, so the document itself is what they need. */
function document(rule: string, key: string, part: string): UpstreamRequest | undefined {
  const version = withoutChecksum(part).base
  if (rule === 'metadata') return metadataRequest(key, version)
  return rule === 'plugins' && version === '' ? requestFor(key) : undefined
}

function metadataRequest(name: string, version: string): UpstreamRequest | undefined {
  if (ifAllowed(normalizeName, name) === undefined) return undefined
  if (version === '') return requestFor(name)
  return isSnapshot(version) ? requestFor(`${name}/${version}`) : undefined
}

function requestFor(directory: string): UpstreamRequest | undefined {
  const path = `${directory}/maven-metadata.xml`
  return ifAllowed(parsePath, path)?.kind === 'metadata' ? { path } : undefined
}

/** Checksum files are none: they are answered from the digests of the file. */
function file(path: string): UpstreamFile | undefined {
  const place = ifAllowed(parsePath, path)
  if (place?.kind !== 'file' || place.checksum) return undefined
  const { name, version } = place
  return { path: place.path, name, version, digestsOf, digests: digestSources(place.path) }
}
