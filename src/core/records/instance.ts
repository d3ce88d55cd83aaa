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
  const { value } = await db
    .selectFrom('instance')
    .select('value')
    .where('key', '=', 'secret-key')
    .executeTakeFirstOrThrow()
  if (value === id) return
  throw new StartRefused(
    `secret key: this database was set up with key ${value}, and this is ${id}; put the right one back, or set secret_key to it`,
  )
}
