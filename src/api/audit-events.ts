import { z } from 'zod'
import { demand } from '../core/access/authorize.ts'
import { found } from '../core/owners/manage.ts'
import { eventList, type EventFilter, type ListedEvent } from '../core/records/event-lists.ts'
import { pageOfGroupEvents } from '../core/records/event-pages.ts'
import { readKeyset } from '../core/records/keyset.ts'
import { mapPage, readPage, type Page, type Window } from '../core/records/pages.ts'
import { auditEventJson, auditEventSchema } from './audit-event-json.ts'
import { keysetParameters, keysetWindow } from './keyset.ts'
import { numberId, paramsOf, searchText } from './parameters.ts'
import { reachGroup, reachProject } from './reach.ts'
import { listRoute, route, type Call, type Route } from './route.ts'
import { badParameter } from './validation.ts'

const tag = 'Audit events'

const moment = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()])
  .transform((text) => Date.parse(text))
  .describe('a day, or a moment in ISO 8601')

const query = {
  ...keysetParameters,
  kind: searchText.optional().describe('such as package.published'),
  user_id: numberId.optional(),
  actor: searchText.optional().describe('the name of who did it'),
  format: searchText.optional(),
  name: searchText.optional().describe('the name of a package, exactly'),
  request_id: searchText.optional(),
  created_after: moment.optional(),
  created_before: moment.optional(),
}
type Query = { readonly [K in keyof typeof query]: z.output<(typeof query)[K]> } & {
  readonly per_page: number
}

/** Further back only by keyset: each page would cost more than the one before. */
const furthestOffset = 50_000

async function pageOf(
  { core, query: asked }: Call<object, Query>,
  window: Window,
  scope: EventFilter,
): Promise<Page<z.input<typeof auditEventSchema>>> {
  const { kind, user_id: userId, actor, format, name, request_id: requestId } = asked
  const { created_after: from, created_before: until } = asked
  const filter = { kind, userId, actor, format, name, requestId, from, until, ...scope }
  const db = core.database.read
  const rows = eventList(db, filter, asked.sort)
  if (scope.groupId !== undefined && window.offset <= furthestOffset) {
    const after = asked.pagination === 'keyset' ? keysetWindow(asked).after : undefined
    const offset = asked.pagination === 'keyset' ? 0 : window.offset
    const place = { sort: asked.sort, limit: window.limit, offset, after }
    return mapPage(await pageOfGroupEvents(core.database.scan, scope.groupId, filter, place), auditEventJson)
  }
  if (asked.pagination === 'keyset') {
    return mapPage(await readKeyset<ListedEvent>(rows, 'events.id', keysetWindow(asked)), auditEventJson)
  }
  if (window.offset > furthestOffset) {
    throw badParameter(`page is invalid: beyond ${furthestOffset} events use pagination=keyset`)
  }
  return mapPage(await readPage<ListedEvent>(db, rows, window), auditEventJson)
}

async function single({ core }: Call, scope: EventFilter) {
  return auditEventJson(found(await eventList(core.database.read, scope).executeTakeFirst(), 'Audit Event'))
}

interface Place {
  readonly path: string
  readonly of: string
  /** What the caller may read here. Throws the refusal. */
  scope(call: Call<any>): Promise<EventFilter>
}

const places: readonly Place[] = [
  {
    path: '',
    of: 'everywhere (administrators)',
    async scope(call) {
      const { core, generation, principal } = call
      await demand(core, generation, principal, 'review_instance', { kind: 'instance' })
      return {}
    },
  },
  {
    path: '/groups/:id',
    of: 'on a group and below it (owners)',
    scope: async (call) => ({ groupId: (await reachGroup(call, call.params.id, 'review_group')).id }),
  },
  {
    path: '/projects/:id',
    of: 'in a project (maintainers)',
    scope: async (call) => ({ projectId: (await reachProject(call, call.params.id, 'read_settings')).id }),
  },
]

function routesOf({ path, of, scope }: Place): Route[] {
  const params = paramsOf(`${path}/audit_events`)
  return [
    listRoute({
      method: 'GET',
      path: `${path}/audit_events`,
      summary: `What happened ${of}, the newest first`,
      tag,
      needs: 'read',
      params,
      query,
      item: auditEventSchema,
      run: async (call, window) => pageOf(call as Call<object, Query>, window, await scope(call)),
    }),
    route({
      method: 'GET',
      path: `${path}/audit_events/:audit_event_id`,
      summary: `One thing that happened ${of}`,
      tag,
      needs: 'read',
      params: { ...params, audit_event_id: numberId },
      response: auditEventSchema,
      run: async (call) => single(call, { ...(await scope(call)), id: call.params.audit_event_id }),
    }),
  ]
}

export const auditEventRoutes = places.flatMap(routesOf)
