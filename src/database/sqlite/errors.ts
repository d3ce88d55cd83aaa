import { Problem } from '../../lib/problem.ts'
import { unavailable } from '../unavailable.ts'

/** Primary result codes, as in SQLite's list. */
const full = 13
const diskFails = new Set([8, 10, 14]) // SQLITE_READONLY, SQLITE_IOERR, SQLITE_CANTOPEN

/** An error of SQLite as the client is told of it, where the disk is to blame: full, read-only or failing. */
export function withDisk(error: unknown): unknown {
  if (!isSqliteError(error)) return error
  const code = error.errcode & 0xff
  if (code === full)
    return Object.assign(
      new Problem(507, 'insufficient_storage', 'The server has no room left to write to its database'),
      { cause: error },
    )
  return diskFails.has(code) ? unavailable(error) : error
}

export function isSqliteError(error: unknown): error is Error & { errcode: number } {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
}
