/** Patterns of names that a group's owners reserve, and those for which several projects answer together. */
import { z } from 'zod'
import { mixNames, releaseNames, reserveNames, unmixNames } from '../core/owners/names.ts'
import { mixedProjects, mixingOf } from '../core/records/name-mixing.ts'
import { reservationsOf } from '../core/records/name-reservations.ts'
import { mapPage, readPage } from '../core/records/pages.ts'
import type { NameMixingRow, NameReservationRow } from '../database/schema.ts'
import { formatId, knownFormat, label, numberId, pathId, time, timeOf } from './parameters.ts'
import { reachGroup } from './reach.ts'
import { listRoute, route, type Call } from './route.ts'

const tag = 'Names'
const params = { id: pathId }
const pattern = label.describe('of names; `*` stands for any text; kept in the spelling of normalised names')

/** The format and the pattern as it is compared. Throws 400 for an unknown format. */
function patternOf(call: Pick<Call, 'core'>, asked: string, text: string) {
  const format = knownFormat(call, 'format', asked)
  return { format, pattern: call.core.formats.get(format)?.names.spell?.(text) ?? text }
}

const common = { id: z.int(), group_id: z.int(), format: z.string(), pattern: z.string(), created_at: time }
const reservation = z
  .strictObject({ ...common, project_id: z.int().nullable() })
  .meta({ id: 'NameReservation' })
const mixing = z.strictObject({ ...common, project_ids: z.array(z.int()) }).meta({ id: 'NameMixing' })

const commonJson = ({
  id,
  group_id,
  format,
  pattern: text,
  created_at: at,
}: NameReservationRow | NameMixingRow) => ({
  id,
  group_id,
  format,
  pattern: text,
  created_at: timeOf(at),
})
const reservationJson = (row: NameReservationRow) => ({ ...commonJson(row), project_id: row.project_id })
const mixingJson = (row: NameMixingRow) => ({ ...commonJson(row), project_ids: [...mixedProjects(row)] })

const reservations = listRoute({
  method: 'GET',
  path: '/groups/:id/name_reservations',
  summary: 'Names that a top-level group keeps for itself',
  tag,
  needs: 'read',
  params,
  item: reservation,
  async run(call, window) {
    const group = await reachGroup(call, call.params.id, 'read_settings')
    const db = call.core.database.read
    return mapPage(await readPage(db, reservationsOf(db, group.id), window), reservationJson)
  },
})

const reserve = route({
  method: 'POST',
  path: '/groups/:id/name_reservations',
  summary: 'Keep names from being taken from upstream, and from being published first by any other project',
  tag,
  needs: 'write',
  params,
  body: {
    format: formatId,
    pattern,
    project_id: numberId.nullish().describe('who alone may publish such names first; left out: any project'),
  },
  response: reservation,
  async run(call) {
    const group = await reachGroup(call, call.params.id, 'admin_group')
    const { format, pattern: text, project_id: projectId = null } = call.body
    const wish = { ...patternOf(call, format, text), projectId }
    return reservationJson(await reserveNames(call, group, wish))
  },
})

const release = route({
  method: 'DELETE',
  path: '/groups/:id/name_reservations/:reservation_id',
  summary: 'Give reserved names free',
  tag,
  needs: 'write',
  params: { id: pathId, reservation_id: numberId },
  async run(call) {
    const group = await reachGroup(call, call.params.id, 'admin_group')
    await releaseNames(call, group, call.params.reservation_id)
  },
})

const mixings = listRoute({
  method: 'GET',
  path: '/groups/:id/mixing',
  summary: 'Names that several projects below a group answer for together',
  tag,
  needs: 'read',
  params,
  item: mixing,
  async run(call, window) {
    const group = await reachGroup(call, call.params.id, 'read_settings')
    const db = call.core.database.read
    return mapPage(await readPage(db, mixingOf(db, group.id), window), mixingJson)
  },
})

const mix = route({
  method: 'POST',
  path: '/groups/:id/mixing',
  summary: "Let several projects answer for names together: each version is the first one's that ever had it",
  tag,
  needs: 'write',
  params,
  body: {
    format: formatId,
    pattern,
    project_ids: z
      .array(numberId)
      .min(1)
      .max(50)
      .refine((ids) => new Set(ids).size === ids.length, 'a project stands there twice')
      .describe('in the order in which they answer; the owner, if it is not among them, answers first'),
  },
  response: mixing,
  async run(call) {
    const group = await reachGroup(call, call.params.id, 'admin_group')
    const { format, pattern: text, project_ids: projectIds } = call.body
    const wish = { ...patternOf(call, format, text), projectIds }
    return mixingJson(await mixNames(call, group, wish))
  },
})

const unmix = route({
  method: 'DELETE',
  path: '/groups/:id/mixing/:mixing_id',
  summary: 'Let one project own each of these names again',
  tag,
  needs: 'write',
  params: { id: pathId, mixing_id: numberId },
  async run(call) {
    const group = await reachGroup(call, call.params.id, 'admin_group')
    await unmixNames(call, group, call.params.mixing_id)
  },
})

export const namePatternRoutes = [reservations, reserve, release, mixings, mix, unmix]
