import { Problem } from '../lib/problem.ts'

/** The code of a failed system call, 'ENOENT' for example. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

const fullCodes = new Set(['ENOSPC', 'EDQUOT'])
const failingCodes = new Set(['EROFS', 'EIO', 'EACCES', 'EPERM', 'ESTALE', 'ENODEV', 'EMFILE', 'ENFILE'])

/** A disk that is full or does not do what it is asked, as the client is told of it; any other error as it is. */
export function withDisk(error: unknown): unknown {
  const code = errorCode(error) ?? ''
  if (fullCodes.has(code))
    return new Problem(507, 'insufficient_storage', 'The server has no room left to store this file')
  if (!failingCodes.has(code)) return error
  const words = `The disk that holds the packages cannot be written to (${code}); try again later`
  return Object.assign(new Problem(503, 'storage_unavailable', words, { 'retry-after': '10' }), {
    cause: error,
  })
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
