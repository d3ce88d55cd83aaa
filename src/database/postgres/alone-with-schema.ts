import { setTimeout as sleep } from 'node:timers/promises'
import { sql, type Kysely } from 'kysely'
import { StartRefused } from '../../lib/start-refused.ts'
import { isGivenWay, isLockTimeout } from './errors.ts'
import { schemaLock } from './locks.ts'

/** How often somebody who waits for another node looks whether it is done. */
const lookMs = 200
/** So long all others wait when a table is not free. */
const shortMs = 400
/** Every fifth time longer than PostgreSQL's `deadlock_timeout`, after which autovacuum makes room. */
const longMs = 1_500
/** Some ten minutes: transactions that outlast them are dumps, or forgotten. */
const mostTries = 650

/**
 * Does `work` on the schema while no other node does. It gives way to requests: where it stands in somebody's way, it
 * lets them pass and is called again, each time with how long to wait for a table, in milliseconds. Throws
 * `StartRefused` if that has not helped after so many `tries`.
 */
export async function aloneWithSchema(
  connection: Kysely<any>,
  work: (lockMs: number) => Promise<void>,
  tries = mostTries,
): Promise<void> {
  for (let count = 1; ; count++) {
    await lock(connection)
    try {
      return await work(count % 5 === 0 ? longMs : shortMs)
    } catch (error) {
      if (!isGivenWay(error) && !isLockTimeout(error)) throw error
      if (count === tries) throw inTheWay(error)
    } finally {
      await unlock(connection)
    }
    await sleep(lookMs + Math.random() * lookMs)
  }
}

/**
 * Asks again and again: a statement that waited for the lock would hold up the making of indexes, which waits for
 * every statement that began before (PostgreSQL's manual, CREATE INDEX CONCURRENTLY), and so for ever.
 */
async function lock(connection: Kysely<any>): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ taken: number }>`
      select case when pg_try_advisory_lock(${sql.lit(schemaLock)}) then 1 else 0 end as taken`.execute(
      connection,
    )
    if (rows[0]!.taken) return
    await sleep(lookMs)
  }
}

/** A connection that was lost has let it go, and the error that led here says more. */
async function unlock(connection: Kysely<any>): Promise<void> {
  await sql`select pg_advisory_unlock(${sql.lit(schemaLock)})`.execute(connection).catch(() => {})
}

function inTheWay(cause: unknown): StartRefused {
  return new StartRefused(
    `the schema cannot be changed: transactions on its tables do not end; look for the oldest with: select pid, application_name, xact_start, query from pg_stat_activity order by xact_start; end it or let it finish (a dump, perhaps), then start again`,
    { cause },
  )
}
