import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import { makeDirectory } from '../../lib/make-directory.ts'
import { StartRefused } from '../../lib/start-refused.ts'
import type { Database, Db } from '../database.ts'
import { migrateAs } from '../migrate.ts'
import type { OpenOptions } from '../open-options.ts'
import type { Schema } from '../schema.ts'
import { sqliteDialect } from './dialect.ts'
import { isSqliteError } from './errors.ts'
import { sqliteMaintenance } from './maintenance.ts'

/**
 * Opens (and where needed creates and migrates) the SQLite database in `file`.
 *
 * Three connections: one that writes, one for single reads, one for snapshots; in WAL mode readers never wait for
 * the writer. Commits are durable (`synchronous=FULL`). Throws an error of one line if the file cannot be used.
 */
export async function openSqlite(file: string, options: OpenOptions = {}): Promise<Database> {
  const isNew = !existsSync(file)
  const writer = openConnection(file, false)
  const counts = { statements: 0 }
  const write = new Kysely<Schema>({ dialect: sqliteDialect(writer, counts) })
  const backup = isNew ? undefined : (name: string) => copyAside(writer, `${file}.before-${name}`)
  await migrateAs(options, write, backup)
  const reader = openConnection(file, true)
  const read = new Kysely<Schema>({ dialect: sqliteDialect(reader, counts) })
  const snapshotter = openConnection(file, true)
  const snapshots = new Kysely<Schema>({ dialect: sqliteDialect(snapshotter, counts) })
  const dataVersion = reader.prepare('pragma data_version')
  return {
    read,
    counts,
    maintenance: sqliteMaintenance(write, () => openConnection(file, true)),
    snapshot: (work) =>
      snapshots
        .transaction()
        .setAccessMode('read only')
        .execute((trx: Db) => work(trx)),
    write: (work) => write.transaction().execute((trx: Db) => work(trx)),
    changes() {
      counts.statements += 1
      return (dataVersion.get() as { data_version: number }).data_version
    },
    isUniqueViolation: (error) => isSqliteError(error) && error.errcode === uniqueViolation,
    async close() {
      await Promise.all([read.destroy(), snapshots.destroy()])
      await write.destroy()
      // Kysely leaves open what it never used, and SQLite then keeps the files of all connections open.
      for (const connection of [reader, snapshotter, writer]) if (connection.isOpen) connection.close()
    },
  }
}

/** SQLITE_CONSTRAINT_UNIQUE, as in SQLite's list of extended result codes. */
const uniqueViolation = 2067

function openConnection(file: string, readOnly: boolean): DatabaseSync {
  try {
    makeDirectory(dirname(file), 0o750)
    const connection = new DatabaseSync(file, { readOnly, timeout: 5000 })
    if (!readOnly) connection.exec('pragma journal_mode = wal; pragma synchronous = full')
    connection.exec('pragma foreign_keys = on; pragma cache_size = -16000; pragma mmap_size = 268435456')
    return connection
  } catch (error) {
    throw new StartRefused(
      `cannot open the database ${file}: ${(error as Error).message}; make its directory writable for this user, or set ENTREPOT_DATA to another one`,
      { cause: error },
    )
  }
}

function copyAside(connection: DatabaseSync, target: string): void {
  if (!existsSync(target)) connection.prepare('vacuum into ?').run(target)
}
