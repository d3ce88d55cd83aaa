/** What other repositories say about the digests of their files: in the head of an answer, and in checksum files. */
import { invalid } from '../../lib/problem.ts'
import type { Digest, DigestSource, Digests, Headers } from '../format.ts'
import { checksumLengths } from './checksums.ts'
import { checksumSuffixes } from './paths.ts'

const longest = 4096
/** Which checksum files are asked for, in this order: nearly every repository has the first. */
const asked: readonly Digest[] = ['sha1', 'sha256', 'md5']
/** What common repositories put their digests into, as mvn reads them, too. */
const headerNames = ['x-checksum-', 'x-goog-meta-checksum-']

/** The digests in an answer's head; undefined where there are none. Names are in lower case. */
export function digestsOf(headers: Headers): Digests | undefined {
  const found: Partial<Record<Digest, string>> = {}
  for (const algorithm of checksumSuffixes) {
    const said = headerNames.map((name) => headers[name + algorithm]?.trim()).find((text) => text)
    if (said && isDigest(algorithm, said)) found[algorithm] = said.toLowerCase()
  }
  // Nexus
  const tagged = /^"\{SHA1\{([0-9A-Fa-f]{40})\}\}"$/.exec(headers['etag'] ?? '')?.[1]
  if (tagged) found.sha1 ??= tagged.toLowerCase()
  return Object.keys(found).length > 0 ? found : undefined
}

/** The checksum files beside the file at `path`. */
export function digestSources(path: string): DigestSource[] {
  const fileName = path.slice(path.lastIndexOf('/') + 1)
  return asked.map((algorithm) => ({
    path: `${path}.${algorithm}`,
    read: (body) => ({ digests: { [algorithm]: readChecksumFile(algorithm, body, fileName) } }),
  }))
}

/**
 * Reads a checksum file as old tools wrote them: the digest with anything behind it, `SHA1(tiny.jar)= <digest>` or
 * `tiny.jar: <digest>`. Nothing else in it may look like a digest. Throws `invalid` for all else, such as a page that says
 * that there is no such file.
 */
export function readChecksumFile(algorithm: Digest, body: Uint8Array, fileName: string): string {
  const refuse = (why: string) => invalid(`${fileName}.${algorithm} ${why}`)
  if (body.length > longest) throw refuse(`is longer than ${longest} bytes`)
  const text = Buffer.from(body)
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .trim()
  const words = text.split(/[\s=]+/).filter((word) => word !== '')
  const digests = new Set(words.filter((word) => isDigest(algorithm, word)).map((word) => word.toLowerCase()))
  const [digest] = digests
  if (digest === undefined || digests.size > 1) throw refuse(`does not hold one ${algorithm} digest`)
  const before = text.slice(0, text.toLowerCase().indexOf(digest)).trim()
  const isLabel = before === '' || /^(?:MD5|SHA(?:\d-|-)?\d+) ?\([^()\n]*\) ?=$/i.test(before)
  if (isLabel || isPathTo(fileName, before.replace(/:$/, ''))) return digest
  throw refuse('is no checksum file')
}

function isPathTo(fileName: string, text: string): boolean {
  return /^\S+$/.test(text) && text.slice(text.lastIndexOf('/') + 1) === fileName
}

function isDigest(algorithm: Digest, text: string): boolean {
  return text.length === checksumLengths[algorithm] && /^[0-9A-Fa-f]+$/.test(text)
}
