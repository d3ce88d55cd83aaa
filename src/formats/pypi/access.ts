/** How Python's clients sign in and how they expect to be refused. */
import { basicChallenge } from '../handlers.ts'
import type { Access, Request } from '../format.ts'

export const access: Access = {
  credential: tokenUser,
  challenge: basicChallenge,
  error: ({ status, code, message }) => ({
    status,
    json: { message, errors: [{ code, description: message }] },
  }),
}

/** `__token__` is the user name that says: the password is a token, of whatever kind. */
function tokenUser({ headers }: Request): string | undefined {
  const [, encoded] = /^basic +(\S+)$/i.exec(headers['authorization'] ?? '') ?? []
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  return text.startsWith('__token__:') ? text.slice('__token__:'.length) || undefined : undefined
}
