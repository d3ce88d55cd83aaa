/** Tokens that scanners can find when they leak: a fixed prefix, random characters, a checksum. */
import { hash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** 214 bits. */
const randomLength = 36
const checksumLength = 6
const prefixRule = /^[a-z][a-z0-9]{0,14}_$/
const tokenRule = new RegExp(`^[a-z][a-z0-9]{0,14}_[0-9A-Za-z]{${randomLength + checksumLength}}$`)

/**
 * A new token: `prefix` (lower case, ending in '_': 'ept_'), 36 random characters and 6 of CRC-32 over all
 * before them, in base 62. Only its hash may be stored.
 */
export function makeToken(prefix: string): string {
  if (!prefixRule.test(prefix)) throw new TypeError(`${JSON.stringify(prefix)} is no token prefix`)
  const start = prefix + randomText(randomLength)
  return start + checksum(start)
}

/**
 * Whether `text` looks like a token of ours and was typed without a mistake. Tells nothing about its validity; spares the
 * search for what cannot be one.
 */
export function isWellFormedToken(text: string): boolean {
  return tokenRule.test(text) && checksum(text.slice(0, -checksumLength)) === text.slice(-checksumLength)
}

/** What is stored of a token: its sha256 in hexadecimal. The token is random enough to need no salt. */
export function hashToken(text: string): string {
  return hash('sha256', text)
}

/** Each character equally likely: bytes beyond the last multiple of 62 are thrown away. */
function randomText(length: number): string {
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < 4 * alphabet.length && text.length < length) text += alphabet[byte % alphabet.length]
    }
  }
  return text
}

function checksum(text: string): string {
  let rest = crc32(text)
  let digits = ''
  for (let i = 0; i < checksumLength; i++) {
    digits = alphabet[rest % alphabet.length] + digits
    rest = Math.floor(rest / alphabet.length)
  }
  return digits
}
