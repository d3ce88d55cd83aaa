import type { Readable } from 'node:stream'

/** Someone who calls the server. */
export interface Actor {
  readonly id: number
  readonly username: string
  /** Empty for the anonymous caller. */
  readonly token: string
  /**
   * One request with `PRIVATE-TOKEN`; `path` starts with '/', or is a whole URL. Objects are sent as JSON, everything
   * else as it is; redirects are not followed.
   */
  request(method: string, path: string, options?: RequestOptions): Promise<Response>
  get(path: string, headers?: Record<string, string>): Promise<Response>
  put(path: string, body?: Body, headers?: Record<string, string>): Promise<Response>
  post(path: string, body?: Body, headers?: Record<string, string>): Promise<Response>
  delete(path: string, headers?: Record<string, string>): Promise<Response>
  /** The JSON of an answer that must be a success; throws with status and body where it is none. */
  json(method: string, path: string, body?: Body): Promise<any>
}
export interface RequestOptions {
  readonly headers?: Record<string, string>
  readonly body?: Body
}
export type Body = string | Uint8Array | Readable | ReadableStream | FormData | object | undefined

interface Identity {
  readonly id: number
  readonly username: string
  readonly token: string
}

/** Whoever holds the token, or nobody. */
export function createActor(url: string, identity: Identity | undefined): Actor {
  const { id = 0, username = '', token = '' } = identity ?? {}
  const request: Actor['request'] = async (method, path, { headers = {}, body } = {}) => {
    const { data, type } = encode(body)
    const init = {
      method,
      headers: { ...type, ...(token ? { 'private-token': token } : {}), ...headers },
      redirect: 'manual',
      ...(data === undefined ? {} : { body: data, duplex: 'half' }),
    }
    return fetch(new URL(path, url), init as RequestInit)
  }
  return {
    id,
    username,
    token,
    request,
    get: (path, headers = {}) => request('GET', path, { headers }),
    put: (path, body, headers = {}) => request('PUT', path, { headers, body }),
    post: (path, body, headers = {}) => request('POST', path, { headers, body }),
    delete: (path, headers = {}) => request('DELETE', path, { headers }),
    async json(method, path, body) {
      const reply = await request(method, path, { body })
      const text = await reply.text()
      if (!reply.ok) throw new Error(`${method} ${path} by ${username || 'nobody'}: ${reply.status} ${text}`)
      return text === '' ? undefined : JSON.parse(text)
    },
  }
}

function encode(body: Body): { data: unknown; type: Record<string, string> } {
  const isRaw =
    typeof body !== 'object' ||
    body instanceof Uint8Array ||
    body instanceof ReadableStream ||
    body instanceof FormData ||
    Symbol.asyncIterator in body
  if (isRaw) return { data: body, type: {} }
  return { data: JSON.stringify(body), type: { 'content-type': 'application/json' } }
}
