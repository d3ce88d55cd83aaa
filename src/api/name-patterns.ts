/** Patterns of names that a group's owners reserve, and those for which several projects answer together. */
import { z } from 'zod'
import { mixNames, releaseNames, reserveNames, unmixNames } from '../core/owners/names.ts'
import { mixedProjects, mixingOf } from '../core/records/name-mixing.ts'
import { reservationsOf } from '../core/records/name-reservations.ts'
import type { NameMixingRow, NameReservationRow } from '../database/schema.ts'
import { noun, type NounCall } from './noun.ts'
import { formatId, knownFormat, label, numberId, time, timeOf } from './parameters.ts'
import { reachGroup } from './reach.ts'
import { managing, reading } from './reach-owned.ts'
import type { Call } from './route.ts'

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

const reach = (call: NounCall, how: 'read' | 'admin') =>
  reachGroup(call, call.params.id, how === 'admin' ? managing.group : reading.group)

const reservations = noun({
  tag: 'Names',
  path: '/groups/:id/name_reservations',
  number: 'reservation_id',
  item: reservation,
  reach,
})

const mixings = noun({ tag: 'Names', path: '/groups/:id/mixing', number: 'mixing_id', item: mixing, reach })

export const namePatternRoutes = [
  reservations.list({
    summary: 'Names that a top-level group keeps for itself',
    rows: ({ core }, group) => reservationsOf(core.database.read, group.id),
    json: reservationJson,
  }),
  reservations.create({
    summary: 'Keep names from being taken from upstream, and from being published first by any other project',
    body: {
      format: formatId,
      pattern,
      project_id: numberId
        .nullish()
        .describe('who alone may publish such names first; left out: any project'),
    },
    async run(call, group) {
      const { format, pattern: text, project_id: projectId = null } = call.body
      return reservationJson(await reserveNames(call, group, { ...patternOf(call, format, text), projectId }))
    },
  }),
  reservations.remove({ summary: 'Give reserved names free', run: releaseNames }),
  mixings.list({
    summary: 'Names that several projects below a group answer for together',
    rows: ({ core }, group) => mixingOf(core.database.read, group.id),
    json: mixingJson,
  }),
  mixings.create({
    summary:
      "Let several projects answer for names together: each version is the first one's that ever had it",
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
    async run(call, group) {
      const { format, pattern: text, project_ids: projectIds } = call.body
      return mixingJson(await mixNames(call, group, { ...patternOf(call, format, text), projectIds }))
    },
  }),
  mixings.remove({ summary: 'Let one project own each of these names again', run: unmixNames }),
]
