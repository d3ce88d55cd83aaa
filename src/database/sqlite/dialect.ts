/** Kysely over the built-in `node:sqlite`: one connection, one statement at a time, prepared statements kept. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import {
  CompiledQuery,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  type SelectModifierNode,
} from 'kysely'
import { LRUCache } from 'lru-cache'
import { createMutex } from '../mutex.ts'
import { withDisk } from './errors.ts'

/** Counts what the database was asked; tests and CI hold requests to their numbers. */
export interface StatementCounts {
  statements: number
}

/** A dialect for one open connection. Its transactions and statements wait for each other. */
export function sqliteDialect(connection: DatabaseSync, counts: StatementCounts): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => createDriver(connection, counts),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new Compiler(),
  }
}

/** Row locks are for engines that write several things at once; here a transaction that writes is alone. */
class Compiler extends SqliteQueryCompiler {
  protected override visitSelectModifier(node: SelectModifierNode): void {
    if (node.rawModifier || node.modifier?.startsWith('Distinct')) super.visitSelectModifier(node)
  }
}

function createDriver(connection: DatabaseSync, counts: StatementCounts): Driver {
  const mutex = createMutex()
  const wrapped = wrapConnection(connection, counts)
  const run = (sql: string) => async () => {
    await wrapped.executeQuery(CompiledQuery.raw(sql))
  }
  return {
    init: async () => {},
    acquireConnection: async () => {
      await mutex.lock()
      return wrapped
    },
    // IMMEDIATE on a connection that may write: a transaction never finds out half-way that another one writes.
    beginTransaction: (_connection, settings) =>
      run(settings.accessMode === 'read only' ? 'begin' : 'begin immediate')(),
    commitTransaction: run('commit'),
    // After a full disk SQLite may have rolled back by itself.
    rollbackTransaction: async () => {
      if (connection.isTransaction) await run('rollback')()
    },
    releaseConnection: async () => mutex.unlock(),
    destroy: async () => connection.close(),
  }
}

function wrapConnection(connection: DatabaseSync, counts: StatementCounts): DatabaseConnection {
  const statements = new LRUCache<string, { statement: StatementSync; returnsRows: boolean }>({ max: 500 })
  function prepare(sql: string) {
    const kept = statements.get(sql)
    if (kept) return kept
    const statement = connection.prepare(sql)
    const prepared = { statement, returnsRows: statement.columns().length > 0 }
    statements.set(sql, prepared)
    return prepared
  }
  return {
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      counts.statements += 1
      const parameters = query.parameters.map(toSqlite)
      try {
        const { statement, returnsRows } = prepare(query.sql)
        if (returnsRows) return { rows: statement.all(...parameters) as R[] }
        const { changes, lastInsertRowid } = statement.run(...parameters)
        return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
      } catch (error) {
        throw withDisk(error)
      }
    },
    async *streamQuery<R>(query: CompiledQuery): AsyncIterableIterator<QueryResult<R>> {
      counts.statements += 1
      for (const row of connection.prepare(query.sql).iterate(...query.parameters.map(toSqlite))) {
        yield { rows: [row as R] }
      }
    },
  }
}

/** A parameter as `node:sqlite` takes it. */
export function toSqlite(value: unknown): SQLInputValue {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value === undefined) throw new TypeError('undefined is no SQL value')
  return value as SQLInputValue
}
