/** What a REST route is: plain data with the schemas beside the handler. The OpenAPI document derives from it. */
import { z } from 'zod'
import type { Acting } from '../core/owners/acting.ts'
import type { Page, Window } from '../core/records/pages.ts'
import { pageHeaders, pageParameters, windowOf } from './pagination.ts'

/**
 * What a route asks of a token: `read` and `write` a scope that reaches REST so far (`write` a person, too), `token`
 * any valid one, `open` nothing. `secret`: nothing either, even where strangers may read nothing, because the body
 * holds a secret.
 */
export type RestNeed = 'read' | 'write' | 'token' | 'open' | 'secret'

/** One request, checked and with its caller known. */
export interface Call<P = object, Q = object, B = object> extends Acting {
  readonly params: P
  readonly query: Q
  readonly body: B
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** As received: path and query. */
  readonly url: string
}
export interface Answer {
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** What all routes have, whatever their schemas. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below /api/v4; `:id` is one segment. */
  readonly path: string
  readonly summary: string
  readonly tag: string
  readonly needs: RestNeed
  /** Job tokens reach few routes. */
  readonly forJobs: boolean
  readonly status: number
  readonly paged: boolean
  /** What the answer is; text is no JSON string. */
  readonly mediaType: 'application/json' | 'text/plain'
  /** The longest body, in bytes. Left out: that of all of REST. */
  readonly bodyLimit: number | undefined
  readonly params: z.ZodObject
  readonly query: z.ZodObject
  readonly body: z.ZodObject | undefined
  /** Left out: the answer has no body. */
  readonly response: z.ZodType | undefined
  run(call: Call<any, any, any>): Promise<Answer>
}

export type Shape = Readonly<Record<string, z.ZodType>>
export type Values<S extends Shape> = { [K in keyof S]: z.output<S[K]> }

interface Spec<P extends Shape, Q extends Shape, B extends Shape> {
  readonly method: Route['method']
  readonly path: string
  readonly summary: string
  readonly tag: string
  readonly needs: RestNeed
  /** Whether job tokens may ask, as far as their trust lets them. Default: no. */
  readonly forJobs?: boolean
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  /** The body may have fields besides: they are handed on as they are. Default: no. */
  readonly anyFields?: boolean
  /** In bytes. */
  readonly bodyLimit?: number
}
interface OneSpec<P extends Shape, Q extends Shape, B extends Shape, R extends z.ZodType> extends Spec<
  P,
  Q,
  B
> {
  /** Default: 201 for POST, 204 for DELETE, otherwise 200. */
  readonly status?: number
  readonly response?: R
  run(call: Call<Values<P>, Values<Q>, Values<B>>): Promise<z.input<R> | void>
}
interface ListSpec<P extends Shape, Q extends Shape, R extends z.ZodType> extends Spec<P, Q, None> {
  readonly item: R
  run(call: Call<Values<P>, Values<Q>>, window: Window): Promise<Page<z.input<R>>>
}
interface TextSpec<P extends Shape> extends Spec<P, None, None> {
  run(call: Call<Values<P>>): Promise<string>
}
export type None = Readonly<Record<never, never>>

const usualStatus = { GET: 200, PUT: 200, PATCH: 200, POST: 201, DELETE: 204 } as const

/** A route that answers with one thing, or with nothing. */
export function route<
  P extends Shape = None,
  Q extends Shape = None,
  B extends Shape = None,
  R extends z.ZodType = z.ZodUndefined,
>(spec: OneSpec<P, Q, B, R>): Route {
  return {
    ...common(spec),
    status: spec.status ?? usualStatus[spec.method],
    paged: false,
    mediaType: 'application/json',
    query: z.object(spec.query ?? {}),
    response: spec.response,
    run: async (call) => ({ body: await spec.run(call) }),
  }
}

/** A route that answers with plain text. */
export function textRoute<P extends Shape = None>(spec: TextSpec<P>): Route {
  return {
    ...common(spec),
    status: 200,
    paged: false,
    mediaType: 'text/plain',
    query: z.object({}),
    response: z.string(),
    run: async (call) => ({
      body: await spec.run(call),
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    }),
  }
}

/** A route that answers with a list, page by page, with GitLab's headers. */
export function listRoute<P extends Shape = None, Q extends Shape = None, R extends z.ZodType = z.ZodType>(
  spec: ListSpec<P, Q, R>,
): Route {
  return {
    ...common(spec),
    status: 200,
    paged: true,
    mediaType: 'application/json',
    query: z.object({ ...spec.query, ...pageParameters }),
    response: z.array(spec.item),
    async run(call) {
      const page = await spec.run(call, windowOf(call.query))
      return { body: page.items, headers: pageHeaders(call, page) }
    },
  }
}

function common<P extends Shape, Q extends Shape, B extends Shape>(spec: Spec<P, Q, B>) {
  const { method, path, summary, tag, needs, forJobs = false, bodyLimit } = spec
  const body = spec.body && (spec.anyFields ? z.looseObject(spec.body) : z.object(spec.body))
  const params = z.object(spec.params ?? {})
  return { method, path, summary, tag, needs, forJobs, params, body, bodyLimit }
}
