/** Kysely over a pool of `pg` connections: counts statements and tells lost connections from wrong statements. */
import {
  CompiledQuery,
  PostgresAdapter,
  PostgresIntrospector,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely'
import type { Pool, PoolClient } from 'pg'
import { outcomeUnknown } from '../outcome-unknown.ts'
import { unavailable } from '../unavailable.ts'
import { Compiler } from './compiler.ts'
import { isAboutStatement, isConnectionLost } from './errors.ts'

/** A dialect over one pool, which is closed with it. */
export function postgresDialect(pool: Pool, counts: { statements: number }): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => createDriver(pool, counts),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new Compiler(),
  }
}

interface Connection extends DatabaseConnection {
  readonly client: PoolClient
  /** The connection cannot be used again. */
  broken: boolean
}

function createDriver(pool: Pool, counts: { statements: number }): Driver {
  const of = (connection: DatabaseConnection) => connection as Connection
  return {
    init: async () => {},
    acquireConnection: () => acquire(pool, counts),
    async beginTransaction(connection, { isolationLevel, accessMode }) {
      const level = isolationLevel ? ` isolation level ${isolationLevel}` : ''
      await run(connection, `begin${level}${accessMode ? ` ${accessMode}` : ''}`)
    },
    async commitTransaction(connection) {
      const { command } = await commit(of(connection))
      // A transaction in which a statement had failed is ended so, without an error.
      if (command !== 'COMMIT') throw new Error(`a transaction ended with ${command} instead of a commit`)
    },
    // What the server has lost is rolled back; the error that led here says more than this one. A connection that has
    // gone silent would not answer this either, and whoever asked would wait for it a second time.
    async rollbackTransaction(connection) {
      if (of(connection).broken) return
      await of(connection)
        .client.query('rollback')
        .catch(() => {
          of(connection).broken = true
        })
    },
    releaseConnection: async (connection) => of(connection).client.release(of(connection).broken),
    destroy: () => pool.end(),
  }
}

/** Only an answer of the server that is about the transaction tells what became of it. */
async function commit(connection: Connection) {
  try {
    return await connection.client.query('commit')
  } catch (error) {
    if (isAboutStatement(error)) throw error
    connection.broken = true
    throw outcomeUnknown(error)
  }
}

async function acquire(pool: Pool, counts: { statements: number }): Promise<Connection> {
  const client = await pool.connect().catch((error: unknown) => {
    throw isConnectionLost(error) ? unavailable(error) : error
  })
  const connection: Connection = {
    client,
    broken: false,
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      counts.statements += 1
      try {
        const { rows, rowCount } = await client.query(sql, parameters.map(toPostgres))
        return { rows, numAffectedRows: BigInt(rowCount ?? 0) }
      } catch (error) {
        if (!isConnectionLost(error)) throw error
        connection.broken = true
        throw unavailable(error)
      }
    },
    streamQuery() {
      throw new Error('rows are read in pages, not as a stream')
    },
  }
  return connection
}

const run = (connection: DatabaseConnection, sql: string) => connection.executeQuery(CompiledQuery.raw(sql))

/** Booleans are 0 and 1 in every column. */
function toPostgres(value: unknown): unknown {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value === undefined) throw new TypeError('undefined is no SQL value')
  return value
}
