/** What a set shows of the insides of files: what the job made last, and that it is to make it anew. */
import type { Db } from '../../../database/database.ts'
import type { Joined } from '../../../formats/format.ts'
import { placeOf } from '../../owners/place-of.ts'
import { ensureInsideIndex, findInsideIndex, listsOf } from '../../records/inside-indexes.ts'
import { enqueue } from '../../records/job-requests.ts'
import type { Core } from '../../core.ts'
import type { RegistryContext } from '../../registry/context.ts'
import { joinedBefore } from '../sets/join.ts'
import type { SetState } from '../sets/state.ts'

/** The job that makes them, by the number of the row that wants them. */
export const insidesJob = 'make-insides'

/** They are made anew so long after the last time at the earliest, in milliseconds. */
const restMs = 300_000

/** By list, in order; none where nobody wants them. */
export async function insidesLastMade(
  { database }: Pick<Core, 'database'>,
  { insides }: SetState,
): Promise<ReadonlyMap<string, Joined>> {
  const row = insides?.made && (await findInsideIndex(database.scan, insides.made.id))
  return new Map(row && listsOf(row).map(({ list, ...known }) => [list, joinedBefore(row, known)]))
}

/** In the transaction that stores a set: asks for insides as new as the set is, where they are wanted. */
export async function wantInsides(
  db: Db,
  { core, format, source }: RegistryContext,
  rule: string,
  { insides, hostedStamp, scope, view, key, projectIds }: SetState,
): Promise<void> {
  if (!insides || (insides.made?.stamp ?? '') === hostedStamp) return
  const of = { place: placeOf(source.place), format: format.id, rule, key, scope, view, projectIds }
  const id = await ensureInsideIndex(db, of)
  const runAt = Math.max(core.clock(), (insides.made?.made_at ?? 0) + restMs)
  await enqueue(db, insidesJob, String(id), runAt)
}
