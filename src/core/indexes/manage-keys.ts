/** Rotating the keys that sign a format's sets of indexes. */
import type { SigningKeyRow } from '../../database/schema.ts'
import type { Format } from '../../formats/format.ts'
import { conflict, invalid, notFound } from '../../lib/problem.ts'
import { generateKey, importKey } from '../../lib/openpgp.ts'
import type { Core } from '../core.ts'
import type { Resource } from '../access/authorize.ts'
import type { Acting } from '../owners/acting.ts'
import { demandToManage, manage } from '../owners/manage.ts'
import { pathOfOwner, placeOf } from '../owners/place-of.ts'
import { insertSigningKey, retireSigningKey, signingKeyRows, signingKeysOf } from '../records/signing-keys.ts'
import { keyUserName, recordKeyEvent, sealedKey } from './keys.ts'

/** A key more makes every signature longer, and clients read them all. */
const mostKeys = 4

/** An armored private key to import; left out: one is made. */
export interface KeyWish {
  readonly privateKey?: string | undefined
  readonly passphrase?: string | undefined
}

/** The format, if it has signed sets of indexes. Throws 400 for another one. */
export function signingFormat({ formats }: Pick<Core, 'formats'>, id: string): Format<any> {
  const format = formats.get(id)
  if (!format) throw invalid(`there is no format ${id}`)
  const signs = Object.values(format.documents ?? {}).some((document) => document.of === 'set')
  if (!signs) throw invalid(`${format.title} has no signed indexes`)
  return format
}

/**
 * Adds a key: from now on it signs beside those that are there, until these are retired.
 * @throws Problem 401, 403 or 404 where the caller may not; 400 for what is no usable key, 409 for one that is there.
 */
export async function addSigningKey(
  acting: Acting,
  owner: Resource,
  formatId: string,
  { privateKey, passphrase }: KeyWish,
): Promise<SigningKeyRow> {
  await demandToManage(acting, owner)
  const { core } = acting
  const at = { place: placeOf(owner), format: signingFormat(core, formatId).id }
  const now = core.clock()
  const key =
    privateKey === undefined
      ? await generateKey(keyUserName(pathOfOwner(owner), at.format), now)
      : await importKey(privateKey, passphrase, now)
  return core.database.write(async (db) => {
    const known = await signingKeyRows(db, at).execute()
    if (known.some((one) => one.fingerprint === key.fingerprint))
      throw conflict(`the key ${key.fingerprint} is there already, or was`)
    if (known.filter((one) => one.retired_at === null).length >= mostKeys)
      throw conflict(`at most ${mostKeys} keys sign at once; retire one first`)
    const source = privateKey === undefined ? 'generated' : 'imported'
    const row = await insertSigningKey(db, at, sealedKey(core, key, source), now)
    await recordKeyEvent(db, 'signing_key.created', acting.origin, at.place, row, now)
    return row
  })
}

/**
 * Ends a key: it signs no more, and is no longer among the public keys.
 * @throws Problem as `addSigningKey`; 409 for the last one.
 */
export async function endSigningKey(acting: Acting, owner: Resource, id: number): Promise<void> {
  const place = placeOf(owner)
  await manage(acting, owner, async (db) => {
    const row = await db
      .selectFrom('signing_keys')
      .selectAll()
      .where('id', '=', id)
      .where('retired_at', 'is', null)
      .executeTakeFirst()
    const active = row && (await signingKeysOf(db, { place, format: row.format }))
    if (!active?.some((one) => one.id === id)) throw notFound('404 Signing Key Not Found')
    if (active.length === 1) throw conflict('this is the only key; add the one that follows it first')
    const now = acting.core.clock()
    await retireSigningKey(db, id, now)
    await recordKeyEvent(db, 'signing_key.retired', acting.origin, place, row!, now)
  })
}
