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
import { holdMade, type MadeInsides } from '../../records/inside-indexes.ts'
import type { RegistryContext } from '../../registry/context.ts'
import { Overtaken } from '../../upstream/fetches.ts'
import { renderParts, type RenderedDocument, type RenderedPart } from '../rendered.ts'
import { encodeSet } from './encode.ts'
import { wantInsides } from '../insides/last-made.ts'
import { joinedBody, type Run } from './join.ts'
import { putUnsure } from './put-runs.ts'
import { sha256Of } from './runs.ts'
import type { SetState } from './state.ts'

/** Of one view: those beyond go at once, however young they are. */
const mostSets = 200
/** Of one set, beside each other: each is made, stored and kept by itself. */
const mostViews = 50

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
      await fetches.endAtOnce(lease, (db) => storeSet(context, db, { rule, state }, encoded))
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

async function storeSet(
  context: RegistryContext,
  db: Db,
  { rule, state }: { readonly rule: string; readonly state: SetState },
  encoded: readonly SetPart[],
): Promise<void> {
  const { core } = context
  const now = core.clock()
  const ids = await storeRuns(core, db, encoded, now)
  await insertSet(
    db,
    state,
    encoded.map((part) => storedPart(part, ids)),
    now,
  )
  await dropOldestSets(db, state, mostSets)
  await wantInsides(db, context, rule, state)
}

/** The numbers of all runs, by digest. */
async function storeRuns(
  core: Core,
  db: Db,
  encoded: readonly SetPart[],
  now: number,
): Promise<ReadonlyMap<string, number>> {
  const runs = new Map<string, Run>()
  const before = new Set<MadeInsides>()
  for (const { body } of encoded) {
    if (typeof body === 'string') continue
    const behind = joinedBody(body)
    if ('ids' in behind) before.add(behind.of)
    else for (const run of behind.runs) runs.set(run.sha256, run)
  }
  // What names the runs of others must still be there, or nothing keeps them from being deleted.
  for (const made of before)
    if (!(await holdMade(db, made))) throw new Overtaken('an index of insides was made anew meanwhile')
  return putUnsure(core, db, [...runs.values()], now)
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
  const behind = joinedBody(body)
  const numbers = 'ids' in behind ? behind.ids : behind.runs.map(({ sha256 }) => ids.get(sha256)!)
  return {
    ...common,
    form: behind.form,
    text: null,
    runs: JSON.stringify(numbers),
    size: body.size,
    sha256: body.sha256,
  }
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
