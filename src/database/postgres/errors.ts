/** What an error of the PostgreSQL driver means for whoever asked. */

/** Two transactions stood in each other's way, and this one gave way: it can be done again. */
export function isGivenWay(error: unknown): boolean {
  const state = stateOf(error)
  return state === '40001' || state === '40P01'
}

/** A lock was not free in the time that a statement may wait for one. */
export function isLockTimeout(error: unknown): boolean {
  return stateOf(error) === '55P03'
}

export function isUniqueViolation(error: unknown): boolean {
  return stateOf(error) === '23505'
}

/**
 * The connection is gone, could not be made or got no answer in time. Errors of the server have a SQLSTATE of five
 * characters (PostgreSQL, appendix A); classes 08, 53 and 57 are about the server, not about the statement.
 */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const state = stateOf(error)
  if (state === undefined) return connectionCodes.has(codeOf(error) ?? '') || lost.test(error.message)
  return /^(08|53|57|25P0[34]|58)/.test(state)
}

/** Whether the server answered, and not about itself. */
export function isAboutStatement(error: unknown): boolean {
  return stateOf(error) !== undefined && !isConnectionLost(error)
}

const connectionCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
])

/** The driver names these by their words alone. */
const lost =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout exceeded when trying to connect|timeout expired|Query read timeout)/i

const codeOf = (error: Error) => ('code' in error && typeof error.code === 'string' ? error.code : undefined)

function stateOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const code = codeOf(error)
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) && 'severity' in error ? code : undefined
}
