/** How npm's clients sign in (Bearer or Basic, as everywhere) and what they print when refused: `error`. */
import { basicChallenge } from '../handlers.ts'
import type { Access } from '../format.ts'

export const access: Access = {
  challenge: basicChallenge,
  error({ status, code, message }) {
    if (code === 'duplicate') return refusal(403, 'Package already exists.')
    if (status === 404 && message.startsWith('404 '))
      return refusal(404, '404 Packages Not Found', 'Packages not found')
    return refusal(status, message)
  },
}

function refusal(status: number, message: string, error = message) {
  return { status, json: { message, error } }
}
