import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { makeDirectory } from '../../lib/make-directory.ts'
import { StartRefused } from '../../lib/start-refused.ts'

/** Opens a connection in WAL mode, where readers never wait for the writer. Throws `StartRefused` if the file cannot be used. */
export function openConnection(file: string, readOnly: boolean): DatabaseSync {
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
