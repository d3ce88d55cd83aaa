import type { Db } from '../../database/database.ts'
import { secretKeyId } from '../../lib/secrets.ts'
import { StartRefused } from '../../lib/start-refused.ts'

/** Remembers the secret key of the first start. Throws `StartRefused` if it is another one now: nothing could be unsealed. */
export async function checkSecretKey(db: Db, secretKey: string): Promise<void> {
  const id = secretKeyId(secretKey)
  await db
    .insertInto('instance')
    .values({ key: 'secret-key', value: id })
    .onConflict((c) => c.doNothing())
    .execute()
  const value = await storedKeyId(db)
  if (value === id) return
  throw new StartRefused(
    `secret key: this database was set up with key ${value}, and this is ${id}; put the right one back, or set secret_key to it`,
  )
}

/** The id of the secret key that this database was set up with; undefined before the first start. */
export function storedKeyId(db: Db): Promise<string | undefined> {
  return readFact(db, 'secret-key')
}

/** Another key from now on, or (undefined) that of the next start: what is sealed under the old one stays closed. */
export function replaceKeyId(db: Db, id: string | undefined): Promise<void> {
  return id === undefined ? forgetFact(db, 'secret-key') : writeFact(db, 'secret-key', id)
}

/** The restore that is under way in this database, in its own words. */
export function restoreUnderWay(db: Db): Promise<string | undefined> {
  return readFact(db, 'restoring')
}

export function noteRestore(db: Db, what: string): Promise<void> {
  return writeFact(db, 'restoring', what)
}

export function forgetRestore(db: Db): Promise<void> {
  return forgetFact(db, 'restoring')
}

/** Throws `StartRefused` while a restore is unfinished: files would be missing. */
export async function checkRestored(db: Db): Promise<void> {
  if ((await restoreUnderWay(db)) === undefined) return
  throw new StartRefused(
    'a restore into this database is not finished: run the same `entrepot restore` again, which goes on where it stopped',
  )
}

async function readFact(db: Db, key: string): Promise<string | undefined> {
  const row = await db.selectFrom('instance').select('value').where('key', '=', key).executeTakeFirst()
  return row?.value
}

async function writeFact(db: Db, key: string, value: string): Promise<void> {
  await db
    .insertInto('instance')
    .values({ key, value })
    .onConflict((c) => c.column('key').doUpdateSet({ value }))
    .execute()
}

async function forgetFact(db: Db, key: string): Promise<void> {
  await db.deleteFrom('instance').where('key', '=', key).execute()
}
