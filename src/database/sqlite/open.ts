import { existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import type { Database, Db } from '../database.ts'
import { migrateAs } from '../migrate.ts'
import type { OpenOptions } from '../open-options.ts'
import type { Schema } from '../schema.ts'
import { openConnection } from './connection.ts'
import { sqliteDialect } from './dialect.ts'
import { isSqliteError } from './errors.ts'
import { sqliteMaintenance } from './maintenance.ts'
import { scanDialect } from './scan-threads.ts'
import { createSnapshots } from './snapshots.ts'

/**
 * Opens (and where needed creates and migrates) the SQLite database in `file`.
 *
 * One connection writes, one is for single reads, some are for snapshots and some, in threads, for scans; in WAL mode
 * readers never wait for the writer. Commits are durable (`synchronous=FULL`). Throws an error of one line if the file cannot be used.
 */
export async function openSqlite(file: string, options: OpenOptions = {}): Promise<Database> {
  const isNew = !existsSync(file)
  const writer = openConnection(file, false)
  const counts = { statements: 0 }
  const write = new Kysely<Schema>({ dialect: sqliteDialect(writer, counts) })
  const backup = isNew ? undefined : (name: string) => copyAside(writer, `${file}.before-${name}`)
  await migrateAs(options, write, { backup })
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
    maintenance: sqliteMaintenance(write, () => openConnection(file, true)),
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
      // Kysely leaves open what it never used, and SQLite then keeps the files of all connections open.
      for (const connection of [reader, writer]) if (connection.isOpen) connection.close()
    },
  }
}

/** SQLITE_CONSTRAINT_UNIQUE, as in SQLite's list of extended result codes. */
const uniqueViolation = 2067

function copyAside(connection: DatabaseSync, target: string): void {
  if (!existsSync(target)) connection.prepare('vacuum into ?').run(target)
}
