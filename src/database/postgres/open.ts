import { Kysely, sql } from 'kysely'
import type { Pool } from 'pg'
import { StartRefused } from '../../lib/start-refused.ts'
import type { Database, Db, RecordState, WriteOptions } from '../database.ts'
import { isMigrated, migrateAs } from '../migrate.ts'
import type { OpenOptions } from '../open-options.ts'
import type { Schema } from '../schema.ts'
import { unavailable } from '../unavailable.ts'
import { aloneWithSchema } from './alone-with-schema.ts'
import { checkServer } from './check-server.ts'
import { connectionOptions, type PostgresPlace } from './connection.ts'
import { postgresDialect } from './driver.ts'
import { isGivenWay, isUniqueViolation } from './errors.ts'
import { lockFor } from './locks.ts'
import { postgresMaintenance } from './maintenance.ts'

/** Freshness checks that take longer fail their requests. */
const checkMs = 1_000
const mostTries = 8

/**
 * Opens (and where needed migrates) a PostgreSQL database that several nodes share.
 *
 * Reads, snapshots, writes and freshness checks have pools of their own, so that a transaction that reads beside
 * itself never waits for a connection that another such transaction holds. Throws an error of one line.
 */
export async function openPostgres(place: PostgresPlace, how: OpenOptions = {}): Promise<Database> {
  const { default: pg } = await import('pg')
  const options = connectionOptions(place)
  const pool = (share: number, more = {}) => {
    const made = new pg.Pool({ ...options, max: Math.max(1, Math.round(place.connections * share)), ...more })
    // One that is lost fails whoever uses it, if anybody does, and is replaced when the next is needed.
    made.on('error', () => {})
    made.on('connect', (client) => client.on('error', () => {}))
    return made
  }
  const counts = { statements: 0 }
  const kysely = (from: Pool) => new Kysely<Schema>({ dialect: postgresDialect(from, counts) })
  // One connection without limits of time.
  const patient = () =>
    kysely(pool(0, { statement_timeout: 0, query_timeout: 0, idle_in_transaction_session_timeout: 0 }))
  await prepare(patient(), how)
  const [read, snapshots, writes] = [kysely(pool(0.4)), kysely(pool(0.2)), kysely(pool(0.4))]
  const checks = pool(0, { max: 2, connectionTimeoutMillis: checkMs, query_timeout: checkMs })
  return {
    read,
    // Another process of the server runs each statement anyway.
    scan: read,
    counts,
    maintenance: postgresMaintenance(patient),
    snapshot: (work) =>
      snapshots
        .transaction()
        .setIsolationLevel('repeatable read')
        .setAccessMode('read only')
        .execute((trx: Db) => work(trx)),
    write: (work, rules) => write(writes, work, rules),
    async changes(): Promise<RecordState> {
      counts.statements += 1
      const { rows } = await checks.query('select pg_current_snapshot()::text as state')
      return rows[0].state
    },
    isUniqueViolation,
    async close() {
      await Promise.all([read.destroy(), snapshots.destroy(), writes.destroy(), checks.end()])
    },
  }
}

async function write<T>(db: Db, work: (db: Db) => Promise<T>, { beside }: WriteOptions = {}): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await db.transaction().execute(async (trx: Db) => {
        await lockFor(beside).execute(trx)
        return work(trx)
      })
    } catch (error) {
      if (!isGivenWay(error)) throw error
      if (tries === mostTries) throw unavailable(error)
      await pause(tries)
    }
  }
}

/** Those who met once would meet again if they came back at the same time. */
function pause(tries: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * 5 * 2 ** tries))
}

/** Checks the server and brings the schema up to date, one node at a time; those that need no change wait for nobody. */
async function prepare(db: Kysely<Schema>, how: OpenOptions): Promise<void> {
  try {
    await db.connection().execute(async (connection) => {
      await checkServer(connection)
      if ((await hasSchema(connection)) && (await isMigrated(how, connection))) return
      await aloneWithSchema(connection, (lockMs) => migrateAs(how, connection, { lockMs }))
    })
  } catch (error) {
    if (error instanceof StartRefused) throw error
    const reason = (error as Error).cause ?? error
    throw new StartRefused(
      `cannot use the PostgreSQL database: ${(reason as Error).message}; see that it runs, that \`database\` names it, and that its user may create tables`,
      { cause: error },
    )
  } finally {
    await db.destroy()
  }
}

async function hasSchema(db: Kysely<Schema>): Promise<boolean> {
  const { rows } = await sql<{ found: number }>`
    select count(to_regclass('instance')) as found`.execute(db)
  return rows[0]!.found > 0
}
