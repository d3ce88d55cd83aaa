/** Who users are at OpenID providers. */
import type { Db } from '../../database/database.ts'
import type { UserRow } from '../../database/schema.ts'

/** A person as a provider names them. */
export interface Subject {
  readonly issuer: string
  readonly subject: string
}

/** The user who is this person, whatever their state. */
export function userOfSubject(db: Db, { issuer, subject }: Subject): Promise<UserRow | undefined> {
  return db
    .selectFrom('identities')
    .innerJoin('users', 'users.id', 'identities.user_id')
    .selectAll('users')
    .where('identities.issuer', '=', issuer)
    .where('identities.subject', '=', subject)
    .executeTakeFirst()
}

/** From now on this person is this user. */
export async function linkSubject(
  db: Db,
  { issuer, subject }: Subject,
  userId: number,
  now: number,
): Promise<void> {
  await db
    .insertInto('identities')
    .values({ user_id: userId, issuer, subject, created_at: now, confirmed_at: now })
    .execute()
}

/** Notes that the person has signed in through the provider. */
export async function confirmSubject(db: Db, { issuer, subject }: Subject, now: number): Promise<void> {
  await db
    .updateTable('identities')
    .set({ confirmed_at: now })
    .where('issuer', '=', issuer)
    .where('subject', '=', subject)
    .execute()
}

/** When the user last signed in through a provider; undefined for who never did. */
export async function lastConfirmation(db: Db, userId: number): Promise<number | undefined> {
  const { at } = await db
    .selectFrom('identities')
    .select((eb) => eb.fn.max('confirmed_at').as('at'))
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow()
  return at === null ? undefined : Number(at)
}
