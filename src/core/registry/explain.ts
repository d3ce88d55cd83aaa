/** Says who answers for a name in a registry, who does not, and by which rule. What the caller may not read is not named. */
import type { NameRow } from '../../database/schema.ts'
import { Problem } from '../../lib/problem.ts'
import { hidingRule, projectsWithName, type HidingRule } from '../upstream/hidden.ts'
import { packageFromUpstream, upstreamWithName } from '../upstream/from-upstream.ts'
import { isAskedFor, mayFill, upstreamName, upstreamsFor } from '../upstream/scope.ts'
import type { Upstream } from '../records/upstreams.ts'
import { allRowsOfName } from '../records/names.ts'
import { removedVersions } from '../records/tombstones.ts'
import type { RegistryContext } from './context.ts'
import { mayRead } from './may-read.ts'
import { mixedFor } from './mixing.ts'
import { normalizedOrNothing } from './names.ts'
import { createHostedReader, mainRule } from './reader.ts'

/**
 * Why somebody does not answer. `shadowed`: another project owns the name here. `owned`, `reserved`: the name never
 * comes from upstream. `excluded`: this upstream is not asked for such names. `later`: an upstream before it has the
 * name, or may have it. `offline`, `anonymous`: what is not kept is not fetched, or not for callers without a credential. `missing`: it
 * has no such name. `failed`: it gave no answer.
 */
export type ExplainRule =
  | 'shadowed'
  | HidingRule
  | 'excluded'
  | 'later'
  | 'offline'
  | 'anonymous'
  | 'missing'
  | 'failed'

export type Candidate =
  | { readonly kind: 'project'; readonly projectId: number }
  | { readonly kind: 'upstream'; readonly upstream: Pick<Upstream, 'id' | 'name'> }

export interface Explanation {
  /** As names are compared. */
  readonly name: string
  /** Who answers; several where projects or upstreams mix. */
  readonly answering: readonly Candidate[]
  /** Of the version that was asked for: whether it is there, was removed here, or never was. */
  readonly version?: 'there' | 'removed' | 'missing'
  readonly silent: readonly (Candidate & { readonly rule: ExplainRule })[]
}

/** Throws 400 for what can be no name. */
export async function explain(
  context: RegistryContext,
  wanted: string,
  version: string | undefined,
): Promise<Explanation> {
  const { format } = context
  const key = normalizedOrNothing(() => format.names.normalize(wanted))
  const name = key ?? upstreamName(context, wanted) ?? format.names.normalize(wanted)
  const hosted = key === undefined ? undefined : await explainHosted(context, key, version)
  const remote = await explainRemote(context, wanted, version)
  const answering = [...(hosted?.answering ?? []), ...remote.answering]
  const found = hosted?.version ?? remote.version
  return {
    name,
    answering,
    ...(version === undefined ? {} : { version: found ?? 'missing' }),
    silent: [...(hosted?.silent ?? []), ...remote.silent],
  }
}

type Part = Omit<Explanation, 'name'>

async function explainHosted(
  context: RegistryContext,
  key: string,
  version: string | undefined,
): Promise<Part | undefined> {
  const found = await context.source.ownership(key)
  if (!found) return undefined
  const isSeen = await mayRead(context, found.owner.project_id)
  const mixed = isSeen ? await mixedFor(context, found) : undefined
  const rows = mixed ? mixed.rows.filter((row) => mixed.readable.has(row.id)) : isSeen ? [found.owner] : []
  const shown = new Set(rows.map((row) => row.id))
  return {
    answering: rows.map(({ project_id: projectId }) => ({ kind: 'project', projectId })),
    ...(isSeen && version !== undefined ? { version: await stateOf(context, found.owner, version) } : {}),
    silent: await shadowed(context, key, shown),
  }
}

async function stateOf(context: RegistryContext, owner: NameRow, version: string) {
  if (await createHostedReader(context).get(owner.name, version)) return 'there'
  const wanted = normalizedOrNothing(() => context.format.versions.normalize(version))
  const removed = await removedVersions(context.core.database.read, owner.id)
  const { normalize } = context.format.versions
  return removed.some((one) => normalize(one.version) === wanted) ? 'removed' : 'missing'
}

/** Projects that this registry gathers and that have the name, but do not answer for it. */
async function shadowed(context: RegistryContext, key: string, answering: ReadonlySet<number>) {
  const { core, format, source } = context
  const gathered = await source.gathered()
  const among =
    gathered.kind === 'project'
      ? { projectId: gathered.project.id }
      : gathered.kind === 'groups'
        ? gathered
        : 'all'
  const rows = await allRowsOfName(core.database.read, among, { format: format.id, key })
  const silent: (Candidate & { rule: ExplainRule })[] = []
  for (const { id, project_id: projectId } of rows) {
    if (answering.has(id) || !(await mayRead(context, projectId))) continue
    silent.push({ kind: 'project', projectId, rule: 'shadowed' })
  }
  return silent
}

async function explainRemote(
  context: RegistryContext,
  wanted: string,
  version: string | undefined,
): Promise<Part> {
  const upstreams = await upstreamsFor(context)
  const name = upstreamName(context, wanted)
  const rule = mainRule(context)
  if (upstreams.length === 0 || name === undefined || rule === undefined) return { answering: [], silent: [] }
  const hiding = await hidingRule(context, name)
  if (hiding) {
    const isTold = await mayKnow(context, name, hiding)
    const why = (one: Upstream) =>
      isTold ? hiding : reasonOf(context, one, name, { isLater: false, failed: false })
    return { answering: [], silent: upstreams.map((one) => ({ ...candidate(one), rule: why(one) })) }
  }
  const { answering, failed } = await whoAnswers(context, name, rule)
  const isAnswering = new Set(answering.map(({ id }) => id))
  const ends = (one: Upstream) => isAnswering.has(one.id) || (isAskedFor(one, name) && !mayFill(context, one))
  const last = upstreams.findIndex(ends)
  const silent = upstreams.flatMap((upstream, at) => {
    if (isAnswering.has(upstream.id)) return []
    const why = reasonOf(context, upstream, name, { isLater: last >= 0 && at > last, failed })
    return [{ ...candidate(upstream), rule: why }]
  })
  const isThere =
    version !== undefined && answering.length > 0 && (await packageFromUpstream(context, rule, name, version))
  return {
    answering: answering.map(candidate),
    ...(isThere ? { version: 'there' } : {}),
    silent,
  }
}

/** To who may read none of the projects that have the name, it is as one that no upstream has. */
async function mayKnow(context: RegistryContext, name: string, hiding: HidingRule): Promise<boolean> {
  if (hiding === 'reserved') return context.principal.kind !== 'anonymous'
  for (const projectId of await projectsWithName(context, name))
    if (await mayRead(context, projectId)) return true
  return false
}

const candidate = ({ id, name }: Upstream): Candidate => ({ kind: 'upstream', upstream: { id, name } })

async function whoAnswers(context: RegistryContext, name: string, rule: string) {
  try {
    return { answering: await upstreamWithName(context, name, { rule, part: '' }), failed: false }
  } catch (error) {
    if (error instanceof Problem) return { answering: [], failed: true }
    throw error
  }
}

function reasonOf(
  context: RegistryContext,
  upstream: Upstream,
  name: string,
  { isLater, failed }: { readonly isLater: boolean; readonly failed: boolean },
): ExplainRule {
  if (!isAskedFor(upstream, name)) return 'excluded'
  if (isLater) return 'later'
  if (upstream.offline) return 'offline'
  if (!mayFill(context, upstream)) return 'anonymous'
  return failed ? 'failed' : 'missing'
}
