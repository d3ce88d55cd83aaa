import { Problem } from '../lib/problem.ts'

/** The code of a failed system call, 'ENOENT' for example. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** A full disk as the client is told of it; any other error as it is. */
export function withFullDisk(error: unknown): unknown {
  const code = errorCode(error)
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error
  return new Problem(507, 'insufficient_storage', 'The server has no room left to store this file')
}

/** Runs a file operation for which a missing file is fine; false when it was missing. */
export async function unlessMissing(operation: Promise<unknown>): Promise<boolean> {
  try {
    await operation
    return true
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw error
  }
}
