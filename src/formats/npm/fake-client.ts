/** For this format's tests: sends a client's request to the route it belongs to, and refusals through `access.error`. */
import type { Reply } from '../format.ts'
import { Problem } from '../../lib/problem.ts'
import type { ClientRequest } from '../testing/samples.ts'
import { callOn, type FakeRegistry } from './fake-registry.ts'
import { npm } from './index.ts'

export interface Answer {
  readonly status: number
  readonly reply: Reply
  /** Body of a JSON or text reply, parsed. */
  readonly json: any
}

export async function send(
  registry: FakeRegistry,
  request: ClientRequest,
  username?: string,
): Promise<Answer> {
  const [path = '', query] = request.path.split('?')
  for (const route of npm.routes) {
    const found = patternOf(route.path).exec(path)
    if (route.method !== request.method || !found) continue
    const params: Record<string, string> = {}
    for (const [name, value] of Object.entries(found.groups ?? {})) params[name] = decodeURIComponent(value)
    const { method, body, headers } = request
    const options = { method, ...(body !== undefined && { body }), ...(headers && { headers }) }
    const call = callOn(registry, params, query === undefined ? options : { ...options, query }, username)
    try {
      return answer(await route.run(call))
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return answer(npm.access.error(error))
    }
  }
  throw new Error(`no route for ${request.method} ${request.path}`)
}

function patternOf(path: string): RegExp {
  const source = path.replaceAll(/:(\w+)\+/g, '(?<$1>.+?)').replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')
  return new RegExp(`^${source}$`)
}

function answer(reply: Reply): Answer {
  const json = 'json' in reply ? reply.json : 'text' in reply ? JSON.parse(String(reply.text)) : undefined
  return { status: reply.status ?? 200, reply, json }
}
