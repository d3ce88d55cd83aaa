/** How apt and dput sign in, and how they are refused. */
import { basicChallenge } from '../handlers.ts'
import type { Access } from '../format.ts'

/** Basic credentials; errors in words, which both show as they are. */
export const access: Access = {
  challenge: basicChallenge,
  error: ({ status, message }) => ({
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    text: `${message}\n`,
  }),
}
