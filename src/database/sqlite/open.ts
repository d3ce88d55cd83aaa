import { existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import type { Database, Db } from '../database.ts'
import { migrate } from '../migrate.ts'
import type { Schema } from '../schema.ts'
import { openConnection } from './connection.ts'
import { sqliteDialect } from './dialect.ts'
import { scanDialect } from './scan-threads.ts'
import { createSnapshots } from './snapshots.ts'

/**
 * Opens (and where needed creates and migrates) the SQLite database in `file`.
 *
 * One connection writes, one is for single reads, some are for snapshots and some, in threads, for scans; in WAL mode
 * readers never wait for the writer. Commits are durable (`synchronous=FULL`). Throws an error of one line if the file cannot be used.
 */
export async function openSqlite(file: string): Promise<Database> {
  const isNew = !existsSync(file)
  const writer = openConnection(file, false)
  const counts = { statements: 0 }
  const write = new Kysely<Schema>({ dialect: sqliteDialect(writer, counts) })
  await migrate(write, { backup: isNew ? undefined : (name) => copyAside(writer, `${file}.before-${name}`) })
  const reader = openConnection(file, true)
  const read = new Kysely<Schema>({ dialect: sqliteDialect(reader, counts) })
  const snapshots = createSnapshots(
    () => new Kysely<Schema>({ dialect: sqliteDialect(openConnection(file, true), counts) }),
  )
  const scan = new Kysely<Schema>({ dialect: scanDialect(file, counts) })
  const dataVersion = reader.prepare('pragma data_version')
  return {
    read,
    counts,
    scan,
    snapshot: (work) => snapshots.run(work),
    write: (work) => write.transaction().execute((trx: Db) => work(trx)),
    changes() {
      counts.statements += 1
      return (dataVersion.get() as { data_version: number }).data_version
    },
    isUniqueViolation: (error) => isSqliteError(error) && error.errcode === uniqueViolation,
    async close() {
      await Promise.all([read.destroy(), snapshots.close(), scan.destroy()])
      await write.destroy()
    },
  }
}

/** SQLITE_CONSTRAINT_UNIQUE, as in SQLite's list of extended result codes. */
const uniqueViolation = 2067

function isSqliteError(error: unknown): error is Error & { errcode: number } {
  return error instanceof Error && 'errcode' in error
}

function copyAside(connection: DatabaseSync, target: string): void {
  if (!existsSync(target)) connection.prepare('vacuum into ?').run(target)
}
