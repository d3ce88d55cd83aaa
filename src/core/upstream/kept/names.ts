/**
 * Names of which files are kept from upstreams, as people search and browse them. They are no packages, so lists and
 * counts of packages know nothing of them, and neither does `RegistryReader.search`: the answers of clients' own searches
 * have no mark for what is not published here.
 */
import type { Db } from '../../../database/database.ts'
import {
  keptAmounts,
  keptFileRows,
  keptNameRows,
  type KeptAmount,
  type KeptKey,
} from '../../records/upstream-kept.ts'
import { mapPage, readPage, type Page, type Window } from '../../records/pages.ts'
import type { Upstream } from '../../records/upstreams.ts'
import type { RegistryContext } from '../../registry/context.ts'
import { hidingRules } from '../hidden.ts'
import { isAskedFor, pinPlaceOf } from '../scope.ts'
import type { KeptSource } from './level.ts'

export interface KeptName extends KeptAmount {
  readonly upstream: Upstream
  /** The registry that answers for it. */
  readonly registry: RegistryContext
  readonly name: string
}

/** Names of one statement, and how many statements one search may take: what is hidden is left out of what they find. */
const namesAtOnce = 100
const mostStatements = 10

/** The first names that contain the text and that are served, at most `most`, and whether there may be more. */
export async function firstKeptNames(
  db: Db,
  sources: readonly KeptSource[],
  search: string,
  most: number,
): Promise<{ readonly names: readonly KeptName[]; readonly more: boolean }> {
  const found: Served[] = []
  let offset = 0
  let isMore = sources.length > 0
  while (isMore && found.length <= most && offset < namesAtOnce * mostStatements) {
    const limit = offset === 0 ? Math.min(2 * most, namesAtOnce) : namesAtOnce
    const rows = await rowsOf(db, sources, search, { offset, limit })
    isMore = rows.length > limit
    found.push(...(await servedAmong(sources, rows.slice(0, limit))))
    offset += limit
  }
  return { names: await withAmounts(db, found.slice(0, most)), more: isMore || found.length > most }
}

/** A window of the names, without those in it that are not served. */
export async function windowOfKeptNames(
  db: Db,
  sources: readonly KeptSource[],
  search: string,
  window: Window,
): Promise<{ readonly names: readonly KeptName[]; readonly more: boolean }> {
  if (sources.length === 0) return { names: [], more: false }
  const rows = await rowsOf(db, sources, search, window)
  const served = await servedAmong(sources, rows.slice(0, window.limit))
  return { names: await withAmounts(db, served), more: rows.length > window.limit }
}

/** What is kept of one name, if it is served; undefined: nothing. */
export async function keptName(
  db: Db,
  sources: readonly KeptSource[],
  key: KeptKey,
): Promise<KeptName | undefined> {
  return (await withAmounts(db, await servedAmong(sources, [key])))[0]
}

/** Everything that is kept of one upstream, by name, and whether the registry answers from it. */
export async function pageOfKept(
  db: Db,
  source: KeptSource,
  search: string | undefined,
  window: Window,
): Promise<Page<KeptAmount & { readonly name: string; readonly isServed: boolean }>> {
  const page = await readPage(db, keptNameRows(db, [source.upstream.id], search), window)
  const keys = page.items.map(keyOf)
  const [amounts, served] = await Promise.all([keptAmounts(db, keys), servedAmong([source], keys)])
  const isServed = new Set(served.map(({ name }) => name))
  const gone = { files: 0, size: 0, lastUsedAt: 0 }
  const items = keys.map(({ name }, at) => ({
    ...(amounts[at] ?? gone),
    name,
    isServed: isServed.has(name),
  }))
  return { ...page, items }
}

export interface KeptFileOfName {
  readonly path: string
  readonly version: string | null
  readonly size: number
  readonly keptAt: number
  readonly lastUsedAt: number
}

/** The kept files of a name, the one used last first. */
export async function pageOfKeptFiles(db: Db, key: KeptKey, window: Window): Promise<Page<KeptFileOfName>> {
  return mapPage(await readPage(db, keptFileRows(db, key), window), (row) => ({
    path: row.path,
    version: row.version,
    size: row.size,
    keptAt: row.kept_at,
    lastUsedAt: row.last_used_at,
  }))
}

interface NameRow {
  readonly upstream_id: number
  readonly name: string
}
const keyOf = ({ upstream_id: upstreamId, name }: NameRow): KeptKey => ({ upstreamId, name })

/** One row more than the window has, if there is one. */
async function rowsOf(
  db: Db,
  sources: readonly KeptSource[],
  search: string,
  { offset, limit }: Window,
): Promise<KeptKey[]> {
  const ids = sources.map(({ upstream }) => upstream.id)
  const rows = await keptNameRows(db, ids, search)
    .offset(offset)
    .limit(limit + 1)
    .execute()
  return rows.map(keyOf)
}

type Served = Pick<KeptName, 'upstream' | 'registry' | 'name'>

/**
 * Those that a registry answers for: not where somebody owns or reserved the name, nor where the upstream's patterns
 * leave it out by now.
 */
async function servedAmong(sources: readonly KeptSource[], keys: readonly KeptKey[]): Promise<Served[]> {
  const byId = new Map(sources.map((source) => [source.upstream.id, source]))
  const open = new Map<KeptKey, KeptSource>()
  for (const key of keys) {
    const source = byId.get(key.upstreamId)
    if (source && isAskedFor(source.upstream, key.name)) open.set(key, source)
  }
  const served = new Map<KeptKey, Served>()
  const most = Math.max(0, ...sources.map(({ registries }) => registries.length))
  for (let at = 0; at < most && open.size > 0; at++) {
    for (const [key, one] of await answeredAt(at, open)) {
      served.set(key, one)
      open.delete(key)
    }
  }
  return keys.flatMap((key) => served.get(key) ?? [])
}

/** What the registries in this place of their sources' lists answer for. */
async function answeredAt(at: number, open: ReadonlyMap<KeptKey, KeptSource>): Promise<Map<KeptKey, Served>> {
  const asked = [...open].flatMap(([key, { upstream, registries }]) => {
    const registry = registries[at]
    return registry ? [{ key, upstream, registry }] : []
  })
  const served = new Map<KeptKey, Served>()
  // What is hidden below a top-level group is hidden in all of its registries of the format.
  const together = Map.groupBy(asked, ({ registry }) => {
    const { rootId, format } = pinPlaceOf(registry)
    return `${rootId} ${format}`
  })
  for (const some of together.values()) {
    const names = some.map(({ key }) => key.name)
    const hidden = await hidingRules(some[0]!.registry, [...new Set(names)])
    for (const { key, upstream, registry } of some)
      if (!hidden.has(key.name)) served.set(key, { upstream, registry, name: key.name })
  }
  return served
}

async function withAmounts(db: Db, served: readonly Served[]): Promise<KeptName[]> {
  const keys = served.map(({ upstream, name }) => ({ upstreamId: upstream.id, name }))
  const amounts = await keptAmounts(db, keys)
  return served.flatMap((one, at) => {
    const amount = amounts[at]
    return amount ? [{ ...one, ...amount }] : []
  })
}
