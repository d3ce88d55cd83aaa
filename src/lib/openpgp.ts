/**
 * OpenPGP keys and signatures (RFC 9580; keys of version 4, which GnuPG 2 and all of today's tools read). The library is
 * loaded when it is first needed.
 */
import type { Config, PrivateKey } from 'openpgp'
import { invalid, Problem } from './problem.ts'
import { turn } from './turn.ts'

const library = () => import('openpgp')

/** A key with both halves. */
export interface OpenPgpKey {
  /** Upper-case hexadecimal. */
  readonly fingerprint: string
  /** Armored. */
  readonly publicKey: string
  /** Binary, without a passphrase. */
  readonly privateKey: Uint8Array
}

/** How much text an imported key may have, in characters. */
export const longestKey = 64 * 1024
/** A key with its subkeys: each costs what its maker chose to open it. */
const mostKeys = 8
const mostBits = 8192
/** Others are unsafe, or take long for what their maker chose. */
const importable = /^(rsa|ecdsa|ecdh|eddsa|ed25519|ed448|x25519|x448)/

/** Clocks of machines differ: a key must not be younger than a signature made elsewhere. */
const backdatedMs = 86_400_000

/** Makes a signing key (Ed25519, as GnuPG 2.1 and later know it) that does not expire. `now`: milliseconds since 1970. */
export async function generateKey(userName: string, now: number): Promise<OpenPgpKey> {
  const { generateKey: generate } = await library()
  const { privateKey } = await generate({
    type: 'ecc',
    curve: 'ed25519Legacy',
    userIDs: { name: userName },
    subkeys: [],
    date: new Date(now - backdatedMs),
    format: 'object',
  })
  return keyOf(privateKey)
}

/**
 * Reads an armored private key, and takes its passphrase away.
 * @throws Problem 400 for what is none, for a wrong passphrase, and for a key that cannot sign now.
 */
export async function importKey(
  armored: string,
  passphrase: string | undefined,
  now: number,
): Promise<OpenPgpKey> {
  if (armored.length > longestKey) throw invalid(`a private key has at most ${longestKey} characters`)
  const { readPrivateKey } = await library()
  const key = await readPrivateKey({ armoredKey: armored }).catch(() => {
    throw invalid('private_key is no armored OpenPGP private key (gpg --armor --export-secret-keys)')
  })
  refuseUnusual(key)
  if (!key.isDecrypted()) {
    if (passphrase === undefined) throw invalid('the private key has a passphrase: send it as passphrase')
    await unlock(key, passphrase).catch((error: Error) => {
      if (/Argon2/.test(error.message))
        throw invalid('the private key is protected with Argon2: export it without a passphrase')
      throw invalid('the passphrase does not open the private key')
    })
  }
  const why = await whyUnable(key, new Date(now))
  if (why !== undefined) throw invalid(`the private key cannot sign: ${why}`)
  return keyOf(key)
}

/** One key after the other: each takes as much memory, up to 65 MB, and time as its maker chose. */
async function unlock(key: PrivateKey, passphrase: string): Promise<void> {
  const { config: defaults } = await library()
  // What deriving a key with Argon2 costs is said by whoever made it, without a limit.
  const config: Config = { ...defaults, maxArgon2MemoryExponent: 0 }
  for (const { keyPacket } of key.getKeys()) {
    await (keyPacket as unknown as Untold).decrypt(passphrase, config)
    await turn()
  }
  await (key as unknown as Untold).validate(config)
}
/** What the library's types leave out, of packets and of keys. */
interface Untold {
  decrypt(passphrase: string, config: Config): Promise<unknown>
  validate(config: Config): Promise<unknown>
}

/** Before anything is computed with it. */
function refuseUnusual(key: PrivateKey): void {
  const keys = key.getKeys()
  if (keys.length > mostKeys) throw invalid(`a private key has at most ${mostKeys - 1} subkeys`)
  if (key.keyPacket.version !== 4)
    throw invalid(`the private key is of version ${key.keyPacket.version}: clients know those of version 4`)
  for (const one of keys) {
    const { algorithm, bits = 0 } = one.getAlgorithmInfo()
    if (!importable.test(algorithm)) throw invalid(`keys of the algorithm ${algorithm} are not taken`)
    if (bits > mostBits) throw invalid(`a private key has at most ${mostBits} bits`)
  }
}

function keyOf(key: PrivateKey): OpenPgpKey {
  return {
    fingerprint: key.getFingerprint().toUpperCase(),
    publicKey: key.toPublic().armor(),
    privateKey: key.write(),
  }
}

/**
 * Signs with all of the keys (binary private ones) that can sign now: an expired one ends no index that another signs.
 * `now`: milliseconds since 1970.
 * @throws Problem 500, saying why, where none of them can.
 */
export async function signText(
  text: string,
  how: 'inline' | 'detached',
  privateKeys: readonly Uint8Array[],
  now: number,
): Promise<string> {
  const { createCleartextMessage, createMessage, readPrivateKey, sign } = await library()
  const date = new Date(now)
  const keys = await Promise.all(privateKeys.map((key) => readPrivateKey({ binaryKey: new Uint8Array(key) })))
  const common = { signingKeys: await ableToSign(keys, date), date }
  if (how === 'inline') {
    // The line feed before the signature is none of the text's (RFC 9580, 7.2), so that it reads as the text itself.
    const message = await createCleartextMessage({ text: text.replace(/\n$/, '') })
    // What is signed has carriage returns; readers of such files expect none, and put them back to verify.
    return (await sign({ ...common, message })).replaceAll('\r\n', '\n')
  }
  const message = await createMessage({ binary: new TextEncoder().encode(text) })
  return sign({ ...common, message, detached: true })
}

async function ableToSign(keys: readonly PrivateKey[], date: Date): Promise<PrivateKey[]> {
  const reasons = await Promise.all(keys.map((key) => whyUnable(key, date)))
  const able = keys.filter((_, at) => reasons[at] === undefined)
  if (able.length > 0) return able
  throw new Problem(500, 'no_signing_key', `no key can sign: ${reasons.join('; ')}`)
}

/** Undefined: it can sign. */
async function whyUnable(key: PrivateKey, date: Date): Promise<string | undefined> {
  try {
    const { keyPacket } = await key.getSigningKey(undefined, date)
    return keyPacket.isDecrypted()
      ? undefined
      : 'the part that signs is locked by a passphrase, or was left out'
  } catch (error) {
    return (error as Error).message
  }
}

/** Several armored public keys as one block. */
export async function joinPublicKeys(armored: readonly string[]): Promise<string> {
  const { armor, enums, readKey } = await library()
  const keys = await Promise.all(armored.map((armoredKey) => readKey({ armoredKey })))
  const bytes = Buffer.concat(keys.map((key) => key.write()))
  // GnuPG 2.2 reads no block that has neither padding nor a checksum, which RFC 9580 (6.1) has for such readers alone.
  return armor(enums.armor.publicKey, bytes, undefined, undefined, undefined, true)
}
