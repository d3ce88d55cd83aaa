/**
 * OpenPGP keys and signatures (RFC 9580; keys of version 4, which GnuPG 2 and all of today's tools read). The library is
 * loaded when it is first needed.
 */
import type { PrivateKey } from 'openpgp'
import { invalid } from './problem.ts'

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
  const { decryptKey, readPrivateKey } = await library()
  let key = await readPrivateKey({ armoredKey: armored }).catch(() => {
    throw invalid('private_key is no armored OpenPGP private key (gpg --armor --export-secret-keys)')
  })
  if (!key.isDecrypted()) {
    if (passphrase === undefined) throw invalid('the private key has a passphrase: send it as passphrase')
    key = await decryptKey({ privateKey: key, passphrase }).catch(() => {
      throw invalid('the passphrase does not open the private key')
    })
  }
  await key.getSigningKey(undefined, new Date(now)).catch((error: Error) => {
    throw invalid(`the private key cannot sign: ${error.message}`)
  })
  return keyOf(key)
}

function keyOf(key: PrivateKey): OpenPgpKey {
  return {
    fingerprint: key.getFingerprint().toUpperCase(),
    publicKey: key.toPublic().armor(),
    privateKey: key.write(),
  }
}

/** Signs with all of the keys (binary private ones). `now`: milliseconds since 1970. */
export async function signText(
  text: string,
  how: 'inline' | 'detached',
  privateKeys: readonly Uint8Array[],
  now: number,
): Promise<string> {
  const { createCleartextMessage, createMessage, readPrivateKey, sign } = await library()
  const signingKeys = await Promise.all(
    privateKeys.map((key) => readPrivateKey({ binaryKey: new Uint8Array(key) })),
  )
  const common = { signingKeys, date: new Date(now) }
  if (how === 'inline') return sign({ ...common, message: await createCleartextMessage({ text }) })
  const message = await createMessage({ binary: new TextEncoder().encode(text) })
  return sign({ ...common, message, detached: true })
}

/** Several armored public keys as one block. */
export async function joinPublicKeys(armored: readonly string[]): Promise<string> {
  const { armor, enums, readKey } = await library()
  const keys = await Promise.all(armored.map((armoredKey) => readKey({ armoredKey })))
  return armor(enums.armor.publicKey, Buffer.concat(keys.map((key) => key.write())))
}
