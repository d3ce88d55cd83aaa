/** Sets of indexes are stored once made, so that all nodes show the same bytes (a signature never comes out twice). */
import type { IndexSet, SetPart } from '../../../formats/format.ts'
import type { Db } from '../../../database/database.ts'
import { Problem } from '../../../lib/problem.ts'
import type { Core } from '../../core.ts'
import {
  dropOldestSets,
  insertSet,
  lastingPart,
  otherViews,
  partsOfSet,
  type SetKey,
  type StoredPart,
} from '../../records/index-sets.ts'
import { putRuns, type StoredRun } from '../../records/index-runs.ts'
import type { RegistryContext } from '../../registry/context.ts'
import { Overtaken } from '../../upstream/fetches.ts'
import { renderParts, type RenderedDocument, type RenderedPart } from '../rendered.ts'
import { encodeSet } from './encode.ts'
import { joinedBody, type Run } from './join.ts'
import { sha256Of } from './runs.ts'
import type { SetState } from './state.ts'

/** Of one view: those beyond go at once, however young they are. */
const mostSets = 200
/** Of one set, beside each other: each is made, stored and kept by itself. */
const mostViews = 50
/** Runs that were stored in a set so recently are surely not being deleted, in milliseconds. */
export const surelyStoredMs = 3_600_000

/** The set in this state: stored, or made now by one for all nodes. */
export async function storedSet(
  context: RegistryContext,
  rule: string,
  document: IndexSet<any>,
  state: SetState,
): Promise<RenderedDocument> {
  const { core } = context
  const { fetches } = core.upstreams
  const leaseKey = `set/${sha256Of(Buffer.from(`${state.scope}/${state.view}/${state.stamp}`))}`
  for (let tries = 0; tries < 20; tries++) {
    const parts = await partsOfSet(core.database.read, state)
    if (parts.length > 0) return renderStored(state.stamp, parts)
    await refuseManyViews(core, state)
    const lease = await fetches.take(leaseKey)
    if (!lease) {
      await fetches.ended(leaseKey)
      continue
    }
    try {
      const encoded = await encodeSet(context, rule, document, state, () => fetches.progress(lease))
      await fetches.endAtOnce(lease, (db) => storeSet(core, db, state, encoded))
    } catch (error) {
      if (error instanceof Overtaken) continue
      await fetches.giveUp(lease)
      throw error
    }
  }
  throw new Problem(503, 'busy', 'The index is being made; try again')
}

/** What a lasting path names in a set that was shown before. */
export async function partShownBefore(
  { database }: Pick<Core, 'database'>,
  key: SetKey,
  path: string,
): Promise<RenderedPart | undefined> {
  const part = await lastingPart(database.read, key, path)
  return part && (await renderStored('', [part])).parts.get(part.path)
}

async function refuseManyViews({ database }: Core, state: SetState): Promise<void> {
  if ((await otherViews(database.read, state)) < mostViews) return
  throw new Problem(
    503,
    'too_many_views',
    `More than ${mostViews} callers see different projects here, and an index is signed for each view; use a token of the group`,
  )
}

async function storeSet(core: Core, db: Db, key: SetKey, encoded: readonly SetPart[]): Promise<void> {
  const now = core.clock()
  const runs = new Map<string, Run>()
  for (const { body } of encoded)
    if (typeof body !== 'string') for (const run of joinedBody(body).runs) runs.set(run.sha256, run)
  const ids = await storeRuns(core, db, [...runs.values()], now)
  await insertSet(
    db,
    key,
    encoded.map((part) => storedPart(part, ids)),
    now,
  )
  await dropOldestSets(db, key, mostSets)
}

/** The numbers of all runs, by digest. */
async function storeRuns(
  core: Core,
  db: Db,
  runs: readonly Run[],
  now: number,
): Promise<ReadonlyMap<string, number>> {
  const isSure = (run: Run): run is StoredRun =>
    run.id !== undefined && run.used_at !== undefined && run.used_at > now - surelyStoredMs
  const ids = new Map(runs.filter(isSure).map((run) => [run.sha256, run.id]))
  for (const run of await putRuns(
    db,
    runs.filter((one) => !isSure(one)),
    now,
  )) {
    core.runs.add(run)
    ids.set(run.sha256, run.id)
  }
  return ids
}

function storedPart(
  { path, lasting, contentType, headers = {}, body }: SetPart,
  ids: ReadonlyMap<string, number>,
): StoredPart {
  const common = {
    path,
    lasting: lasting ?? null,
    content_type: contentType,
    headers: JSON.stringify(headers),
  }
  if (typeof body === 'string') {
    const bytes = Buffer.from(body)
    return { ...common, form: 'text', text: body, runs: null, size: bytes.length, sha256: sha256Of(bytes) }
  }
  const { form, runs } = joinedBody(body)
  const numbers = runs.map(({ sha256 }) => ids.get(sha256)!)
  return { ...common, form, text: null, runs: JSON.stringify(numbers), size: body.size, sha256: body.sha256 }
}

/** Under their paths and their lasting ones. */
async function renderStored(stamp: string, stored: readonly StoredPart[]): Promise<RenderedDocument> {
  const texts = stored
    .filter((part) => part.form === 'text')
    .map(({ path, content_type, headers, text }) => ({
      path,
      contentType: content_type,
      headers: JSON.parse(headers) as Record<string, string>,
      body: text!,
    }))
  const { parts: rendered, weight: textWeight } = await renderParts(stamp, texts)
  const parts = new Map(rendered)
  let weight = textWeight
  for (const { path, lasting, content_type, headers, form, runs, size, sha256 } of stored) {
    if (form !== 'text') {
      const ids = JSON.parse(runs!) as number[]
      weight += path.length + 8 * ids.length + 400
      parts.set(path, {
        contentType: content_type,
        headers: JSON.parse(headers) as Record<string, string>,
        etag: sha256,
        size,
        runs: { form, ids },
      })
    }
    if (lasting !== null) parts.set(lasting, parts.get(path)!)
  }
  return { stamp, parts, weight }
}
