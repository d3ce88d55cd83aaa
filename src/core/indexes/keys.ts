/** The keys that sign a format's sets of indexes at one place. */
import type { SigningKeyRow } from '../../database/schema.ts'
import { generateKey, type OpenPgpKey } from '../../lib/openpgp.ts'
import { Problem } from '../../lib/problem.ts'
import { seal, unseal, UnsealError } from '../../lib/secrets.ts'
import type { Db } from '../../database/database.ts'
import type { Core } from '../core.ts'
import { ownOrigin, recordEvent, type Origin } from '../records/events.ts'
import { eventPlace } from '../records/places.ts'
import { insertSigningKey, signingKeysOf, type KeysAt, type NewSigningKey } from '../records/signing-keys.ts'

/** A key as its row keeps it. */
export function sealedKey(
  { secretKey }: Pick<Core, 'secretKey'>,
  { fingerprint, publicKey, privateKey }: OpenPgpKey,
  source: SigningKeyRow['source'],
): NewSigningKey {
  return { fingerprint, public_key: publicKey, private_key: seal(secretKey, Buffer.from(privateKey)), source }
}

/** Who signs, as tools show it: `owner` is a path, empty for the instance. */
export const keyUserName = (owner: string, format: string) =>
  `Entrepot ${owner} (${format})`.replace('  ', ' ')

/** Writes what happened to a key, in the transaction in which it happens. */
export function recordKeyEvent(
  db: Db,
  kind: 'signing_key.created' | 'signing_key.retired',
  origin: Origin,
  place: KeysAt['place'],
  { id, format, fingerprint, source }: SigningKeyRow,
  now: number,
): Promise<void> {
  const detail = { signing_key: id, fingerprint, source }
  return recordEvent(db, kind, origin, { ...eventPlace(place), format, detail }, now)
}

/** Those that sign now, one at least: the first is made when it is first asked for, by the server itself, whoever asks. */
export async function keysThatSign(core: Core, at: KeysAt, owner: string): Promise<SigningKeyRow[]> {
  const known = await signingKeysOf(core.database.read, at)
  if (known.length > 0) return known
  const made = await generateKey(keyUserName(owner, at.format), core.clock())
  return core.database.write(async (db) => {
    // Somebody else may have made one meanwhile: writes that say nothing else run alone.
    const meanwhile = await signingKeysOf(db, at)
    if (meanwhile.length > 0) return meanwhile
    const now = core.clock()
    const row = await insertSigningKey(db, at, sealedKey(core, made, 'generated'), now)
    await recordKeyEvent(db, 'signing_key.created', ownOrigin, at.place, row, now)
    return [row]
  })
}

/** The private halves, binary. Throws `Problem` 500, saying what to do, where one was sealed under another secret key. */
export function openKeys(
  { secretKey }: Pick<Core, 'secretKey'>,
  rows: readonly SigningKeyRow[],
): readonly Uint8Array[] {
  return rows.map(({ fingerprint, private_key: sealed }) => {
    try {
      return unseal(secretKey, sealed)
    } catch (error) {
      if (!(error instanceof UnsealError)) throw error
      const remedy = 'give the server that key back, or add a signing key and retire this one'
      throw new Problem(500, 'key_sealed', `The signing key ${fingerprint} is ${error.message}: ${remedy}`)
    }
  })
}
