/** Sealing of what must be read back: signing keys, credentials for upstreams. AES-256-GCM, key id in front. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

const version = 's1'
const cipher = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16
const shortestKey = 32

/** A sealed text does not open: made under another key, cut short, or altered. */
export class UnsealError extends Error {
  override name = 'UnsealError'
}

/**
 * Encrypts `plain` under a key derived from `secretKey` (at least 32 bytes). Returns `s1.<key id>.<base64url>`.
 * The same text sealed twice differs.
 */
export function seal(secretKey: string | Buffer, plain: string | Buffer): string {
  const header = `${version}.${secretKeyId(secretKey)}`
  const nonce = randomBytes(nonceBytes)
  const encrypt = createCipheriv(cipher, derive(secretKey, 'seal', 32), nonce).setAAD(Buffer.from(header))
  const body = Buffer.concat([encrypt.update(plain), encrypt.final()])
  return `${header}.${Buffer.concat([nonce, encrypt.getAuthTag(), body]).toString('base64url')}`
}

/** Opens what `seal` made. Throws `UnsealError`, whose message tells another key from altered bytes. */
export function unseal(secretKey: string | Buffer, sealed: string): Buffer {
  const [, keyId, encoded] = /^s1\.([0-9a-f]{16})\.([A-Za-z0-9_-]+)$/.exec(sealed) ?? []
  if (keyId === undefined || encoded === undefined) throw new UnsealError('this is no sealed secret')
  const ours = secretKeyId(secretKey)
  if (keyId !== ours)
    throw new UnsealError(`sealed under the secret key ${keyId}, but the one in use is ${ours}`)
  const bytes = Buffer.from(encoded, 'base64url')
  if (bytes.length < nonceBytes + tagBytes) throw new UnsealError('the sealed secret was cut short')
  const nonce = bytes.subarray(0, nonceBytes)
  const decrypt = createDecipheriv(cipher, derive(secretKey, 'seal', 32), nonce, { authTagLength: tagBytes })
  decrypt.setAAD(Buffer.from(`${version}.${keyId}`))
  decrypt.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
  try {
    return Buffer.concat([decrypt.update(bytes.subarray(nonceBytes + tagBytes)), decrypt.final()])
  } catch {
    throw new UnsealError('the sealed secret was altered')
  }
}

/** Sixteen hexadecimal characters that name a secret key and tell nothing of it: servers compare them. */
export function secretKeyId(secretKey: string | Buffer): string {
  return derive(secretKey, 'key id', 8).toString('hex')
}

/** A digest of `text`, 64 hexadecimal characters, that only who has the key can make; `purpose` keeps uses apart. */
export function keyedDigest(secretKey: string | Buffer, purpose: string, text: string): string {
  return createHmac('sha256', derive(secretKey, purpose, 32))
    .update(text)
    .digest('hex')
}

function derive(secretKey: string | Buffer, purpose: string, bytes: number): Buffer {
  if (Buffer.byteLength(secretKey) < shortestKey)
    throw new RangeError(`a secret key has ${shortestKey} bytes at least`)
  return Buffer.from(hkdfSync('sha256', secretKey, '', `entrepot ${purpose} v1`, bytes))
}
