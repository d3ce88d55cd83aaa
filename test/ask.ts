/** REST calls for tests: every answer is held against its route's own schema. */
import assert from 'node:assert/strict'
import type { Actor, Body } from './actor.ts'
import { restRoutes as routes } from './rest-routes.ts'

export interface Asked {
  readonly status: number
  readonly body: any
  readonly headers: Headers
}

/** `ask(alice, 'POST /groups', { ... })`. Fails if status, body or error are not what the route promises. */
export async function ask(
  actor: Actor,
  line: string,
  body?: Body,
  headers: Record<string, string> = {},
): Promise<Asked> {
  const [method = '', path = ''] = line.split(' ', 2)
  const reply = await actor.request(method, `/api/v4${path}`, { headers, body })
  const text = await reply.text()
  const asked = {
    status: reply.status,
    body: bodyOf(reply, text),
    headers: reply.headers,
  }
  if (reply.ok) checkAnswer(method, path, asked)
  else checkError(line, asked)
  return asked
}

function bodyOf({ headers }: Response, text: string): unknown {
  if (text === '') return undefined
  return headers.get('content-type')?.startsWith('text/plain') ? text : JSON.parse(text)
}

function checkAnswer(method: string, path: string, { status, body }: Asked): void {
  const segments = path.split('?', 1)[0]!.split('/')
  const fits = routes.filter((one) => one.method === method && matches(one.path.split('/'), segments))
  const route = fits.find((one) => !one.path.includes(':')) ?? fits[0]
  assert.ok(route, `${method} ${path} is the address of a route`)
  assert.equal(status, route.status)
  if (!route.response) assert.equal(body, undefined)
  else {
    const result = route.response.safeParse(body)
    assert.ok(
      result.success,
      `${method} ${path}: ${JSON.stringify(result.error?.issues)} ${JSON.stringify(body)}`,
    )
  }
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, at) => part.startsWith(':') || part === segments[at])
  )
}

/** One of GitLab's two shapes, and nothing of ours inside. */
function checkError(line: string, { status, body }: Asked): void {
  const keys = Object.keys(body ?? {})
  const isMessage = keys.length === 1 && typeof body.message === 'string'
  const isError = keys[0] === 'error' && typeof body.error === 'string'
  assert.ok(isMessage || isError, `${line}: ${status} ${JSON.stringify(body)}`)
  assert.ok(status < 500, `${line}: ${status} ${JSON.stringify(body)}`)
}
