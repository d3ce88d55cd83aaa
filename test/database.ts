/** The database that a test works on: SQLite in a file, or where `ENTREPOT_TEST_POSTGRES` names a server, one of its databases. */
import { randomBytes } from 'node:crypto'
import type { Config } from '../src/config/config.ts'
import { openPostgres } from '../src/database/postgres/open.ts'
import { ask, createDatabase, startPostgres } from './nodes/postgres.ts'

const serverVariable = 'ENTREPOT_TEST_POSTGRES'
const template = 'entrepot_template'

/** Starts a server for the tests of this process and those that it starts; their databases are migrated already. */
export async function startTestPostgres(): Promise<{ stop(): Promise<void> }> {
  const server = await startPostgres()
  const url = await createDatabase(server.url, template)
  await (await openPostgres({ url, ca: undefined, connections: 5 })).close()
  process.env[serverVariable] = server.url
  return server
}

export interface TestDatabase {
  /** What the server is configured with. */
  readonly env: Readonly<Record<string, string>>
  /** Removes it; nobody may use it any more. */
  drop(): Promise<void>
}

/** A new one; `isEmpty`: without a schema. */
export async function makeTestDatabase({ isEmpty = false } = {}): Promise<TestDatabase> {
  const server = process.env[serverVariable]
  if (!server) return { env: {}, drop: async () => {} }
  const name = `test_${randomBytes(8).toString('hex')}`
  const url = await createDatabase(server, name, isEmpty ? undefined : template)
  return {
    env: { ENTREPOT_DATABASE: url, ENTREPOT_DATABASE_CONNECTIONS: '10' },
    drop: async () => void (await ask(server, `drop database ${name} with (force)`)),
  }
}

/** What another process is told, so that it works on the same one. */
export function databaseEnv({ database }: Config): Readonly<Record<string, string>> {
  return database.kind === 'postgres'
    ? { ENTREPOT_DATABASE: database.url, ENTREPOT_DATABASE_CONNECTIONS: '10' }
    : {}
}
