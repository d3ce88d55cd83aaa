/** Digests as npm writes them: W3C Subresource Integrity in `dist.integrity`, a hexadecimal SHA-1 in `dist.shasum`. */
import type { Digest, Digests } from '../format.ts'
import { invalid } from '../../lib/problem.ts'
import type { JsonObject } from './json-values.ts'

const maxLength = 2048
/** In bytes. */
const sizes: ReadonlyMap<string, number> = new Map([
  ['sha1', 20],
  ['sha256', 32],
  ['sha512', 64],
])

/** One hash of an integrity, without its options: the digest in lower-case hexadecimal. Undefined if it is none. */
export function readHash(text: string): { readonly algorithm: string; readonly hex: string } | undefined {
  const [, algorithm, base64] =
    /^(sha1|sha256|sha384|sha512)-([A-Za-z0-9+/]+={0,2})(?:\?.*)?$/.exec(text) ?? []
  if (algorithm === undefined || base64 === undefined) return undefined
  return { algorithm, hex: Buffer.from(base64, 'base64').toString('hex') }
}

/** The integrity that a SHA-512 alone makes. */
export const integrityOf = (sha512: string) => `sha512-${Buffer.from(sha512, 'hex').toString('base64')}`

export interface SaidDigests {
  readonly digests: Digests
  /** What `dist.integrity` says, where it is not just the SHA-512: signatures are made over this text. Empty: nothing. */
  readonly integrity?: string
}

/**
 * Reads a `dist` that a registry elsewhere made. Algorithms that we do not compute (SHA-384, MD5) are passed over. Throws
 * 400 where a digest is not one, or two contradict each other.
 */
export function readDist(dist: JsonObject): SaidDigests {
  const integrity = textOrNone(dist.integrity, 'dist.integrity')
  const digests: Partial<Record<Digest, string>> = {}
  for (const entry of integrity.split(/\s+/)) {
    const size = sizes.get(entry.slice(0, entry.indexOf('-')))
    if (size !== undefined) add(digests, readHash(entry), size)
  }
  const shasum = textOrNone(dist.shasum, 'dist.shasum').toLowerCase()
  if (shasum !== '') {
    if (!/^[0-9a-f]*$/.test(shasum)) throw invalid('dist.shasum is not hexadecimal')
    add(digests, { algorithm: 'sha1', hex: shasum }, 20)
  }
  const isUsual = digests.sha512 !== undefined && integrity === integrityOf(digests.sha512)
  return isUsual ? { digests } : { digests, integrity }
}

function textOrNone(value: unknown, what: string): string {
  if (value === undefined || value === null) return ''
  if (typeof value !== 'string' || value.length > maxLength) throw invalid(`${what} is not a short text`)
  return value.trim()
}

function add(
  digests: Partial<Record<Digest, string>>,
  hash: ReturnType<typeof readHash>,
  size: number,
): void {
  if (!hash || hash.hex.length !== size * 2) throw invalid('dist has a digest of another length')
  const algorithm = hash.algorithm as Digest
  const known = digests[algorithm]
  if (known !== undefined && known !== hash.hex) throw invalid(`dist says two different ${algorithm}`)
  digests[algorithm] = hash.hex
}
