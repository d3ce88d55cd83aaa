/**
 * A request that cannot be answered as asked. Thrown anywhere, rendered once by the HTTP layer in the dialect of
 * the client (a format's `access.error`, or GitLab's two shapes on REST routes).
 */
export class Problem extends Error {
  readonly status: number
  /** A stable word for programs: `not_found`, `duplicate`, `too_large` ... */
  readonly code: string
  readonly headers: Readonly<Record<string, string>>
  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.name = 'Problem'
    this.status = status
    this.code = code
    this.headers = headers
  }
}

/** 400: what the client sent breaks a rule; `message` says which and what is allowed. */
export const invalid = (message: string) => new Problem(400, 'invalid', message)
/** 401: nobody is signed in, or the credential is not valid. */
export const unauthorized = (message = '401 Unauthorized') => new Problem(401, 'unauthorized', message)
/** 403: known caller, not allowed. */
export const forbidden = (message = '403 Forbidden') => new Problem(403, 'forbidden', message)
/** 404: not there, or not to be seen by this caller. */
export const notFound = (message = '404 Not Found') => new Problem(404, 'not_found', message)
/** 405: this address offers no such operation. */
export const methodNotAllowed = (message: string, allow: readonly string[]) =>
  new Problem(405, 'method_not_allowed', message, { allow: allow.join(', ') })
/** 409: the state has changed, or other bytes stand there. */
export const conflict = (message: string) => new Problem(409, 'conflict', message)
/** 400 with code `duplicate`: other bytes under a published name; formats turn it into their client's own refusal. */
export const duplicate = (message = 'Duplicate package is not allowed') =>
  new Problem(400, 'duplicate', message)
/** 413: over a limit on bytes. */
export const tooLarge = (message: string) => new Problem(413, 'too_large', message)
