/** Who of several upstreams answers: in their order, from what is kept where that is enough. */
import type { Core } from '../core.ts'
import { findUpstreamDocuments, type KeptDocument } from '../records/upstream-documents.ts'
import type { Upstream } from '../records/upstreams.ts'
import type { RegistryContext } from '../registry/context.ts'
import { fetchDocument, isFresh, type FetchedDocument } from './fetch-document.ts'
import type { RawAnswer } from './read-documents.ts'
import { keyOf, type Question } from './request-key.ts'
import { mayFill } from './scope.ts'

/** A document that answers. */
export type Answering = FetchedDocument & {
  readonly upstream: Upstream
  /** Where its time is over: seconds since its upstream last confirmed it. */
  readonly age?: number
}

export interface Walk {
  readonly request: Question
  /** In their order; those that are asked for the name in question. */
  readonly upstreams: readonly Upstream[]
  /** Called with an answer before it is kept: throws if it is not what was asked for. */
  check(upstream: Upstream, answer: RawAnswer): Promise<unknown>
}

/** A document this much older than its time is asked for before it is used, if that does not take long. */
const tooOldMs = 86_400_000
const waitMs = 3_000

/**
 * The first upstream that has the document, and those after it that mix in. What is kept is used at once and confirmed
 * behind the scenes when its time is over; where an upstream fails, what is kept answers.
 * @throws Problem 502 to 504 where an upstream fails and nothing is kept.
 */
export async function answering(context: RegistryContext, walk: Walk): Promise<readonly Answering[]> {
  const kept = await keptOf(context, walk)
  const first = await firstAnswering(context, walk, kept)
  if (!first) return []
  const found = [first]
  for (const upstream of walk.upstreams.slice(walk.upstreams.indexOf(first.upstream) + 1)) {
    if (!upstream.mixes) continue
    const one = await answerOf(context, walk, upstream, kept.get(upstream.id)).catch((error: unknown) => {
      context.core.log.warn(
        { err: error, upstream: upstream.id },
        'an upstream that mixes in cannot be asked',
      )
    })
    if (one) found.push(one)
  }
  return found
}

/** What each upstream has, all of them. */
export async function allAnswering(context: RegistryContext, walk: Walk): Promise<readonly Answering[]> {
  const kept = await keptOf(context, walk)
  const found: Answering[] = []
  let failure: unknown
  for (const upstream of walk.upstreams) {
    try {
      const one = await answerOf(context, walk, upstream, kept.get(upstream.id))
      if (one) found.push(one)
    } catch (error) {
      failure = error
    }
  }
  if (found.length === 0 && failure) throw failure
  return found
}

type Kept = ReadonlyMap<number, KeptDocument>

async function keptOf({ core, generation }: RegistryContext, { request, upstreams }: Walk): Promise<Kept> {
  const ids = upstreams.map((upstream) => upstream.id)
  const key = keyOf(request)
  const rows = await core.kept.get(`upstream-documents/${ids.join(',')}/${key}`, generation(), () =>
    findUpstreamDocuments(core.database.read, ids, key),
  )
  return new Map(rows.filter((row) => row.blob.corrupt_at === null).map((row) => [row.upstream_id, row]))
}

async function firstAnswering(
  context: RegistryContext,
  walk: Walk,
  kept: Kept,
): Promise<Answering | undefined> {
  const { core } = context
  const known = walk.upstreams.find((upstream) => kept.has(upstream.id))
  if (known) {
    const row = kept.get(known.id)!
    if (isFresh(core, known, row)) return keptAnswer(core, known, row)
    return refreshed(context, walk, kept, known)
  }
  for (const upstream of walk.upstreams) {
    // Those after one that may not be asked must not answer for what it may have.
    if (!mayFill(context, upstream)) return undefined
    const found = await answerOf(context, walk, upstream, undefined)
    if (found) return found
  }
  return undefined
}

/** All before and up to the one that answered last are asked again: meanwhile, or where that failed, it answers. */
async function refreshed(
  context: RegistryContext,
  walk: Walk,
  kept: Kept,
  known: Upstream,
): Promise<Answering> {
  const row = kept.get(known.id)!
  const stale = () => keptAnswer(context.core, known, row)
  const before = walk.upstreams.slice(0, walk.upstreams.indexOf(known) + 1)
  const again = async () => {
    for (const upstream of before) {
      const found = await answerOf(context, walk, upstream, kept.get(upstream.id))
      if (found) return found
    }
    return stale()
  }
  const isOld = known.ttlMs === 0 || context.core.clock() > row.checked_at + known.ttlMs + tooOldMs
  const asked = again().catch((error: unknown) => {
    context.core.log.warn(
      { err: error, upstream: known.id },
      'an upstream could not be asked; what is kept of it answers',
    )
    return stale()
  })
  if (!isOld) return stale()
  return Promise.race([asked, later(waitMs).then(stale)])
}

/** Differs whenever what answers does. */
export const stampOf = (answers: readonly Answering[]) =>
  answers.map(({ upstream, state }) => `${upstream.id}.${state.revision}`).join('+')

/** The greatest age among answers, in seconds, where one is too old. */
export function ageOf(answers: readonly Answering[]): { readonly age?: number } {
  const ages = answers.map(({ age }) => age).filter((age) => age !== undefined)
  return ages.length > 0 ? { age: Math.max(...ages) } : {}
}

const later = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref())

function keptAnswer(core: Core, upstream: Upstream, row: KeptDocument): Answering {
  if (isFresh(core, upstream, row)) return { upstream, state: row, row }
  return { upstream, state: row, row, age: Math.max(0, Math.floor((core.clock() - row.checked_at) / 1000)) }
}

/** One upstream's answer: kept and fresh, asked for, or kept because it cannot be asked; undefined: it has none. */
async function answerOf(
  context: RegistryContext,
  walk: Walk,
  upstream: Upstream,
  row: KeptDocument | undefined,
): Promise<Answering | undefined> {
  const { core } = context
  const { missing, failing } = core.upstreams
  const key = `${upstream.id} ${keyOf(walk.request)}`
  if (row && (isFresh(core, upstream, row) || !mayFill(context, upstream) || failing.has(key)))
    return keptAnswer(core, upstream, row)
  if (!row && (missing.has(key) || !mayFill(context, upstream))) return undefined
  try {
    const fetched = await fetchDocument(core, upstream, walk.request, (answer) =>
      walk.check(upstream, answer),
    )
    if (!fetched) missing.add(key)
    return fetched && { upstream, ...fetched }
  } catch (error) {
    if (!row) throw error
    core.log.warn(
      { err: error, upstream: upstream.id },
      'an upstream could not be asked; what is kept of it answers',
    )
    return keptAnswer(core, upstream, row)
  }
}
