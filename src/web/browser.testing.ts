/** A browser of few words for tests of pages: keeps the cookie, sends forms as a browser does. */
import assert from 'node:assert/strict'
import { hashPassword } from '../core/access/password.ts'
import type { Core } from '../core/core.ts'
import { setPasswordHash } from '../core/records/users.ts'

export interface Loaded {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Of a redirect; '' otherwise. */
  readonly location: string
}
export interface Browser {
  /** `name=value` of the session cookie, '' without one. */
  readonly cookie: string
  get(path: string): Promise<Loaded>
  /** Sends a form; `form_token` is the one of the page at `from` (default: `path`). `headers` replace those a browser sends. */
  submit(path: string, fields: Fields, options?: SubmitOptions): Promise<Loaded>
}
export type Fields = Readonly<Record<string, string | readonly string[]>>
export interface SubmitOptions {
  readonly from?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** `url`: where the server listens; `origin`: that of its public URL. */
export function createBrowser(url: string, origin = new URL(url).origin): Browser {
  const cookies = new Map<string, { readonly pair: string; readonly path: string }>()
  const sent = (path: string) =>
    [...cookies.values()].flatMap((cookie) => (path.startsWith(cookie.path) ? [cookie.pair] : [])).join('; ')
  const request = async (path: string, init: RequestInit): Promise<Loaded> => {
    const cookie = sent(new URL(url + path).pathname)
    const headers = { ...init.headers, ...(cookie ? { cookie } : {}) }
    const reply = await fetch(url + path, { ...init, headers, redirect: 'manual' })
    for (const set of reply.headers.getSetCookie()) {
      const [, name, value, at = '/'] = /^([^=]+)=([^;]*)(?:.*; path=([^;]*))?/i.exec(set)!
      if (value === '') cookies.delete(name!)
      else cookies.set(name!, { pair: `${name}=${value}`, path: at })
    }
    const location = reply.headers.get('location') ?? ''
    return { status: reply.status, headers: reply.headers, text: await reply.text(), location }
  }
  return {
    get cookie() {
      return cookies.get('entrepot_session')?.pair ?? ''
    },
    get: (path) => request(path, {}),
    async submit(path, fields, { from = path, headers = { origin } } = {}) {
      const token = cookies.has('entrepot_session') ? formTokenIn((await request(from, {})).text) : ''
      const form = new URLSearchParams(token ? { form_token: token } : {})
      for (const [name, value] of Object.entries(fields)) {
        form.delete(name)
        for (const one of [value].flat()) form.append(name, one)
      }
      const type = { 'content-type': 'application/x-www-form-urlencoded' }
      return request(path, { method: 'POST', headers: { ...type, ...headers }, body: form.toString() })
    },
  }
}

const formTokenIn = (text: string) => /name="form_token" value="([^"]+)"/.exec(text)?.[1] ?? ''

const password = 'correct horse battery'

/** A browser in which this user has signed in; they get a password where they have none. */
export async function signedIn(
  { url, core }: { readonly url: string; readonly core: Core },
  user: { readonly id: number; readonly username: string },
): Promise<Browser> {
  await core.database.write(async (db) => setPasswordHash(db, user.id, await hashPassword(password)))
  const browser = createBrowser(url, new URL(core.config.publicUrl).origin)
  const reply = await browser.submit('/sign-in', { username: user.username, password })
  assert.equal(reply.status, 303)
  assert.notEqual(browser.cookie, '')
  return browser
}
