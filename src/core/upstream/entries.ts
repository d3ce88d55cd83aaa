/** What upstreams have under a key of an index document. */
import { hash } from 'node:crypto'
import type { IndexDocument, RemoteEntry } from '../../formats/format.ts'
import { inTurns } from '../../lib/turn.ts'
import type { RegistryContext } from '../registry/context.ts'
import { orNothing } from './from-upstream.ts'
import { hidingRule, hidingRules } from './hidden.ts'
import { plain, readAtOnce } from './read-documents.ts'
import { isAskedFor, upstreamName, upstreamsFor } from './scope.ts'
import { rawAnswer } from './stored-answer.ts'
import { ageOf, allAnswering, stampOf, type Answering } from './walk.ts'

export interface RemoteEntries {
  /** Differs whenever the entries do. */
  readonly stamp: string
  readonly entries: readonly RemoteEntry[]
  /** Milliseconds since 1970. */
  readonly changedAt: number
  readonly age?: number
}

/** The entries of all upstreams, the first one's of equal ids; without names that are owned or reserved here. */
export async function entriesFromUpstream(
  context: RegistryContext,
  rule: string,
  document: IndexDocument<any>,
  key: string,
): Promise<RemoteEntries | undefined> {
  const { format } = context
  const asked = document.decode && format.upstream?.document(rule, key, '')
  if (!asked || !document.decode) return undefined
  const request = { rule, ...asked }
  const upstreams = await upstreamsFor(context)
  if (upstreams.length === 0 || (await isOwnName(context, key))) return undefined
  const decode = document.decode
  const answers = await allAnswering(context, {
    request,
    upstreams,
    check: async (_upstream, { bytes, encoding }) => decode(plain(bytes, encoding, readAtOnce), key),
  })
  if (answers.length === 0) return undefined
  const entries = await visibleEntries(context, answers, (bytes) => decode(bytes, key))
  if (entries.length === 0) return undefined
  const ids = hash('sha256', entries.map(({ id }) => id).join('\n'), 'base64url')
  return {
    stamp: `${stampOf(answers)}/${ids}`,
    entries,
    changedAt: Math.max(...answers.map(({ state }) => state.changed_at)),
    ...ageOf(answers),
  }
}

/** A key may be spelled as a name is: one of ours is told to nobody. */
async function isOwnName(context: RegistryContext, key: string): Promise<boolean> {
  const name = upstreamName(context, key)
  return name !== undefined && (await hidingRule(context, name)) !== undefined
}

async function visibleEntries(
  context: RegistryContext,
  answers: readonly Answering[],
  decode: (bytes: Uint8Array) => readonly RemoteEntry[],
): Promise<RemoteEntry[]> {
  const byId = new Map<string, RemoteEntry>()
  for (const one of answers) {
    const { upstream } = one
    const { bytes, encoding } = await rawAnswer(context.core, one)
    const found = (await orNothing([one], async () => decode(plain(bytes, encoding, readAtOnce)))) ?? []
    await inTurns(found, (entry) => {
      if (!byId.has(entry.id) && isAskedFor(upstream, entry.name)) byId.set(entry.id, entry)
    })
  }
  const entries = [...byId.values()]
  const hidden = await hidingRules(
    context,
    entries.map(({ name }) => name),
  )
  return entries.filter(({ name }) => !hidden.has(name))
}
