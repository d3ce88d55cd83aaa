/** How Python's clients sign in. */
import { basicAccess } from '../handlers.ts'
import type { Access, Request } from '../format.ts'

export const access: Access = { ...basicAccess, credential: tokenUser }

/** `__token__` is the user name that says: the password is a token, of whatever kind. */
function tokenUser({ headers }: Request): string | undefined {
  const [, encoded] = /^basic +(\S+)$/i.exec(headers['authorization'] ?? '') ?? []
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  return text.startsWith('__token__:') ? text.slice('__token__:'.length) || undefined : undefined
}
