/** Who the caller is, and `npm login`, by which a person stores a token in the client's configuration. */
import { readJson } from '../handlers.ts'
import type { OpenCall, Reply } from '../format.ts'
import { invalid, notFound, unauthorized } from '../../lib/problem.ts'
import { objectOf, textOf } from './json-values.ts'

export const ping = (): Reply => ({ json: {} })

export function whoami({ caller }: OpenCall): Reply {
  if (caller.username === undefined) throw unauthorized('401 Unauthorized: no valid token was sent')
  return { json: { username: caller.username } }
}

/** Refused, upon which the client asks for user name and password on the terminal. */
export function webLogin(): Reply {
  throw notFound('sign-in through the browser is not offered: paste a personal access token as the password')
}

/** `PUT /-/user/org.couchdb.user:<name>`: the password is a token, which the client keeps if it is valid. */
export async function login({ request, caller }: OpenCall): Promise<Reply> {
  const token = textOf(objectOf(await readJson(request.body, 16 * 1024)).password)
  if (token === undefined)
    throw invalid('the body has no password: paste a personal access token as the password')
  const username = await caller.verify(token)
  if (username === undefined) throw unauthorized('the password must be a valid personal access token')
  const ok = `you are authenticated as '${username}'`
  return { status: 201, json: { ok, id: `org.couchdb.user:${username}`, rev: '1', token } }
}

/** `npm logout` forgets the token only after the registry agreed; revoking it is done where tokens are made. */
export const logout = (): Reply => ({
  json: { ok: 'signed out here; the token stays valid until it is revoked' },
})
