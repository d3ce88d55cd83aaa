/**
 * The routes of what stands on a project, a group or the instance and is asked for by number there: webhooks, rules,
 * tokens ... Each file of such a noun is a table of its routes; this says what they have in common.
 */
import type { SelectQueryBuilder } from 'kysely'
import type { z } from 'zod'
import { mapPage, readPage } from '../core/records/pages.ts'
import { numberId, paramsOf } from './parameters.ts'
import { listRoute, route, type Call, type None, type Route, type Shape, type Values } from './route.ts'

/** A call to a noun. On the instance there is no id, and nobody looks. */
export type NounCall<Q = object, B = object> = Call<{ readonly id: string }, Q, B>

interface Noun<At, I extends z.ZodType> {
  readonly tag: string
  /** The path of the list, such as `/projects/:id/hooks`. */
  readonly path: string
  /** What the number of a single one is called in its path, such as `hook_id`. */
  readonly number: string
  /** What answers hold, unless a route says otherwise. */
  readonly item: I
  /** What it stands on, if the caller may see what is set there, or change it. Throws the refusal. */
  reach(call: NounCall, how: 'read' | 'admin'): Promise<At>
}

interface ListOf<At, I extends z.ZodType, Row, Q extends Shape> {
  readonly summary: string
  readonly query?: Q
  /** All of them, in their order. */
  rows(call: NounCall<Values<Q>>, at: At): SelectQueryBuilder<any, any, Row>
  json(row: Row, call: NounCall): z.input<I>
}
interface OneOf<At, I extends z.ZodType> {
  readonly summary: string
  run(call: NounCall, at: At, number: number): Promise<z.input<I>>
}
interface CreateOf<At, B extends Shape, R extends z.ZodType> {
  readonly summary: string
  readonly body: B
  readonly response?: R
  run(call: NounCall<object, Values<B>>, at: At): Promise<z.input<R>>
}
interface ChangeOf<At, B extends Shape, I extends z.ZodType> {
  readonly method: 'PUT' | 'PATCH'
  readonly summary: string
  readonly body: B
  run(call: NounCall<object, Values<B>>, at: At, number: number): Promise<z.input<I>>
}
interface RemoveOf<At> {
  readonly summary: string
  run(call: NounCall, at: At, number: number): Promise<void>
}
interface ActOf<At, B extends Shape, R extends z.ZodType> {
  readonly summary: string
  /** What must be passed. Default: as for a change. */
  readonly how?: 'read' | 'admin'
  /** Default: 200. */
  readonly status?: number
  readonly body?: B
  readonly response: R
  run(call: NounCall<object, Values<B>>, at: At, number: number): Promise<z.input<R>>
}

/** What makes the routes of a noun. Each of them runs with what the noun stands on, once the caller has reached it. */
export function noun<At, I extends z.ZodType>({ tag, path, number, item, reach }: Noun<At, I>) {
  const params = paramsOf(path)
  const common = { tag, path, params }
  const single = { tag, path: `${path}/:${number}`, params: { ...params, [number]: numberId } }
  const numberIn = (call: NounCall): number => (call.params as any)[number]
  return {
    /** `GET` of the path. */
    list: <Row, Q extends Shape = None>({ rows, json, ...spec }: ListOf<At, I, Row, Q>): Route =>
      listRoute({
        ...common,
        ...spec,
        method: 'GET',
        needs: 'read',
        item,
        async run(call, window) {
          const query = rows(call, await reach(call, 'read'))
          return mapPage(await readPage(call.core.database.read, query, window), (row) => json(row, call))
        },
      }),
    /** `GET` of a single one. */
    one: ({ summary, run }: OneOf<At, I>): Route =>
      route({
        ...single,
        method: 'GET',
        summary,
        needs: 'read',
        response: item,
        run: async (call) => run(call, await reach(call, 'read'), numberIn(call)),
      }),
    /** `POST` to the path. */
    create: <B extends Shape, R extends z.ZodType = I>({ run, ...spec }: CreateOf<At, B, R>): Route =>
      route({
        ...common,
        response: item,
        ...spec,
        method: 'POST',
        needs: 'write',
        run: async (call) => run(call, await reach(call, 'admin')),
      }),
    change: <B extends Shape>({ run, ...spec }: ChangeOf<At, B, I>): Route =>
      route({
        ...single,
        ...spec,
        needs: 'write',
        response: item,
        run: async (call) => run(call, await reach(call, 'admin'), numberIn(call)),
      }),
    remove: ({ summary, run }: RemoveOf<At>): Route =>
      route({
        ...single,
        method: 'DELETE',
        summary,
        needs: 'write',
        run: async (call) => run(call, await reach(call, 'admin'), numberIn(call)),
      }),
    /** `POST` to a single one, of what is to be done with it: `/test`. */
    act: <R extends z.ZodType, B extends Shape = None>(
      verb: string,
      { how = 'admin', run, ...spec }: ActOf<At, B, R>,
    ): Route =>
      route({
        ...single,
        status: 200,
        ...spec,
        path: `${single.path}/${verb}`,
        method: 'POST',
        needs: how === 'read' ? 'read' : 'write',
        run: async (call) => run(call, await reach(call, how), numberIn(call)),
      }),
  }
}
