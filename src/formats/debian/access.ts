/** How apt and dput sign in, and what they are told: words, which both show as they are. */
import { basicChallenge } from '../handlers.ts'
import type { Access, Reply } from '../format.ts'

/** Basic credentials. */
export const access: Access = {
  challenge: basicChallenge,
  error: ({ status, message }) => said(status, message),
}

/** What a good upload is answered with. */
export const created = (text = '201 Created'): Reply => said(201, text)

const said = (status: number, text: string): Reply => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  text: `${text}\n`,
})
