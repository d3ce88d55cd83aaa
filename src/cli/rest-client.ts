/** Speaks REST to the server that ENTREPOT_URL names, with the token in ENTREPOT_TOKEN. */
import { Problem } from '../lib/problem.ts'
import { StartRefused } from '../lib/start-refused.ts'
import { WrongCall, type Process } from './command.ts'

export interface RestClient {
  /** The answer's JSON; `path` is below /api/v4. Throws a `Problem` with the server's words. */
  get(path: string): Promise<any>
  post(path: string, body: object): Promise<any>
  put(path: string, body: object): Promise<any>
  patch(path: string, body: object): Promise<any>
  delete(path: string): Promise<void>
  /** Every item of a paged list. */
  list(path: string, query: Readonly<Record<string, string>>): AsyncGenerator<any>
}

/** Throws `WrongCall` naming the variable that is missing. */
export function restClient({ env }: Process): RestClient {
  const { ENTREPOT_URL: url, ENTREPOT_TOKEN: token } = env
  if (!url)
    throw new WrongCall(
      'ENTREPOT_URL is missing: set it to the address of the server, as you open it in a browser',
    )
  if (!token) throw new WrongCall('ENTREPOT_TOKEN is missing: set it to an access token with scope api')
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new WrongCall(`ENTREPOT_URL is no http(s) address: ${url}`)
  }
  const base = `${url.replace(/\/+$/, '')}/api/v4`
  const ask = async (path: string, init: RequestInit = {}) => {
    const type = init.body === undefined ? {} : { 'content-type': 'application/json' }
    const headers = { 'private-token': token, ...type }
    const reply = await reach(`${base}${path}`, { ...init, headers })
    const text = await reply.text()
    if (!reply.ok) throw new Problem(reply.status, 'refused', `${wordsOf(text)} (${reply.status})`)
    return { reply, json: reply.status === 204 ? undefined : parsed(text, url) }
  }
  return {
    get: async (path) => (await ask(path)).json,
    post: async (path, body) => (await ask(path, { method: 'POST', body: JSON.stringify(body) })).json,
    put: async (path, body) => (await ask(path, { method: 'PUT', body: JSON.stringify(body) })).json,
    patch: async (path, body) => (await ask(path, { method: 'PATCH', body: JSON.stringify(body) })).json,
    delete: async (path) => void (await ask(path, { method: 'DELETE' })),
    async *list(path, query) {
      let page = '1'
      while (page) {
        const { reply, json } = await ask(
          `${path}?${new URLSearchParams({ ...query, per_page: '100', page })}`,
        )
        yield* json
        page = reply.headers.get('x-next-page') ?? ''
      }
    },
  }
}

async function reach(address: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, { ...init, redirect: 'error' })
  } catch (error) {
    const { cause, message } = error as Error & { cause?: Error }
    throw new StartRefused(
      `cannot reach ${new URL(address).origin}: ${cause?.message || message}; is the server running, and ENTREPOT_URL right?`,
    )
  }
}

function wordsOf(text: string): string {
  try {
    const { message, error, error_description: more } = JSON.parse(text)
    return String(more ?? message ?? error)
  } catch {
    return 'the server refused'
  }
}

function parsed(text: string, url: string): any {
  try {
    return JSON.parse(text)
  } catch {
    throw new StartRefused(`${url} answered with something that is no JSON; is it an Entrepot server?`)
  }
}
