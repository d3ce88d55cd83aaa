import { unavailable } from './unavailable.ts'

/**
 * Whether an error says that the connection was lost while a transaction was committed: it may have been, or not.
 * Nothing that it may refer to can be deleted until the records say so.
 */
export function isOutcomeUnknown(error: unknown): boolean {
  return error instanceof Error && outcomes.has(error)
}

const outcomes = new WeakSet<Error>()

/** What the client is told then: to try again, as after any other loss of the database. */
export function outcomeUnknown(cause: unknown): Error {
  const error = unavailable(cause)
  outcomes.add(error)
  return error
}
