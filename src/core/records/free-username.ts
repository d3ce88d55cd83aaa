import { randomBytes } from 'node:crypto'
import type { Db } from '../../database/database.ts'

/** How many numbers are tried behind a user name. */
const mostNumbers = 100

/** `wish`, or where somebody has it already, with the first free number behind it. Inside a write transaction. */
export async function freeUsername(db: Db, wish: string): Promise<string> {
  const numbered = Array.from({ length: mostNumbers }, (_, index) =>
    index === 0 ? wish : `${wish}${index + 1}`,
  )
  const rows = await db
    .selectFrom('users')
    .select('username_key')
    .where(
      'username_key',
      'in',
      numbered.map((name) => name.toLowerCase()),
    )
    .execute()
  const taken = new Set(rows.map((row) => row.username_key))
  const free = numbered.find((name) => !taken.has(name.toLowerCase()))
  return free ?? `${wish}-${randomBytes(4).toString('hex')}`
}
