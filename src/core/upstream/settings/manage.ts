/** Adding, changing and removing upstreams, and whether groups ask those above them. */
import type { Db } from '../../../database/database.ts'
import type { GroupRow } from '../../../database/schema.ts'
import { conflict, invalid } from '../../../lib/problem.ts'
import type { Resource } from '../../access/authorize.ts'
import type { Acting } from '../../owners/acting.ts'
import { demandToManage, found, manage, recordAt } from '../../owners/manage.ts'
import { placeOf } from '../../owners/place-of.ts'
import type { PlaceOf } from '../../records/places.ts'
import {
  findUpstream,
  insertUpstream,
  orderUpstreams,
  retireUpstream,
  setInheritance,
  updateUpstream,
  upstreamsOf,
  type Upstream,
  type UpstreamValues,
} from '../../records/upstreams.ts'
import { tryAddress, tryUpstream, type Trial } from './try-upstream.ts'
import { checkCredential, eventDetail, fillingFormat, hostIn, unsaid, wishedValues } from './wish.ts'
import type { UpstreamWish } from './wish.ts'

/** Of one place and format: each may be asked for every name. */
const mostUpstreams = 20

/** `position` counts from 1; left out: behind the others or, in a change, where it is. */
export type PlacedWish = UpstreamWish & { readonly position?: number | undefined }

/**
 * Adds an upstream.
 * @throws Problem 401, 403 or 404 where the caller may not; 400 for what cannot be one, or too many; 409 for an address
 * that is there already.
 */
export async function addUpstream(
  acting: Acting,
  owner: Resource,
  formatId: string,
  { position, ...wish }: PlacedWish,
): Promise<Upstream> {
  await demandToManage(acting, owner)
  const { core } = acting
  const format = fillingFormat(core, formatId)
  const told = wishedValues(core, format, wish) as Partial<UpstreamValues> & Pick<UpstreamValues, 'url'>
  const values = { ...unsaid, name: hostIn(told.url), ...told, format: formatId, source: 'hand' } as const
  const place = placeOf(owner)
  return core.database.write(async (db) => {
    const others = await upstreamsOf(db, place, formatId)
    if (others.length >= mostUpstreams)
      throw invalid(`there are at most ${mostUpstreams} upstreams of a format`)
    refuseTwins(others, values.url)
    const made = await insertUpstream(db, place, { ...values, position: others.length + 1 }, core.clock())
    const row = await arrange(db, place, made, position)
    await record(db, acting, owner, 'upstream.created', row)
    return row
  })
}

/**
 * Changes an upstream; what is left out stays. Another address is another upstream: it gets a number of its own, nothing
 * that was kept answers for it, and its credential goes with it only where the server is the same.
 * @throws Problem as `addUpstream`; 404 for an unknown one, 409 for one of the configuration file.
 */
export async function changeUpstream(
  acting: Acting,
  owner: Resource,
  id: number,
  { position, ...change }: Partial<PlacedWish>,
): Promise<Upstream> {
  const { core } = acting
  const place = placeOf(owner)
  return manage(acting, owner, async (db) => {
    const before = await changeable(db, place, id)
    const values = wishedValues(core, fillingFormat(core, before.format), change)
    const isMoved = values.url !== undefined && values.url !== before.url
    if (isMoved) refuseTwins(await upstreamsOf(db, place, before.format), values.url!)
    const changed = isMoved
      ? await replace(db, place, before, { ...values, url: values.url! }, core.clock())
      : await updateUpstream(db, id, values, core.clock())
    const row = position === undefined ? changed : await arrange(db, place, changed, position)
    await record(db, acting, owner, 'upstream.changed', row, isMoved ? { before: before.id } : {})
    return row
  })
}

/** It answers no more. Throws as `changeUpstream`. */
export async function removeUpstream(acting: Acting, owner: Resource, id: number): Promise<void> {
  const place = placeOf(owner)
  await manage(acting, owner, async (db) => {
    const row = await changeable(db, place, id)
    await retireUpstream(db, id, acting.core.clock())
    await orderUpstreams(db, await upstreamsOf(db, place, row.format))
    await record(db, acting, owner, 'upstream.removed', row)
  })
}

/** Whether a group asks the levels above it where it has no upstreams itself. Throws as `addUpstream`. */
export async function changeInheritance(
  acting: Acting,
  group: GroupRow,
  formatId: string,
  inherits: boolean,
): Promise<void> {
  const owner = { kind: 'group', group } as const
  await manage(acting, owner, async (db) => {
    fillingFormat(acting.core, formatId)
    await setInheritance(db, group.id, formatId, inherits)
    const detail = { inherit_upstreams: inherits }
    await recordAt(db, acting, owner, 'settings.changed', { format: formatId, detail })
  })
}

/** Asks an upstream once. Throws 401, 403 or 404. */
export async function testUpstream(acting: Acting, owner: Resource, id: number): Promise<Trial> {
  await demandToManage(acting, owner)
  return tryUpstream(acting.core, await existing(acting.core.database.read, placeOf(owner), id))
}

/** Asks what is not saved yet. Throws as `addUpstream`. */
export async function testWish(
  acting: Acting,
  owner: Resource,
  formatId: string,
  { url, credential = null }: Pick<UpstreamWish, 'url' | 'credential'>,
): Promise<Trial> {
  await demandToManage(acting, owner)
  const format = fillingFormat(acting.core, formatId)
  const { url: address } = wishedValues(acting.core, format, { url })
  if (credential) checkCredential(credential)
  return tryAddress(acting.core, address!, credential)
}

async function existing(db: Db, place: PlaceOf, id: number): Promise<Upstream> {
  return found(await findUpstream(db, place, id), 'Upstream')
}

async function changeable(db: Db, place: PlaceOf, id: number): Promise<Upstream> {
  const row = await existing(db, place, id)
  if (row.source === 'hand') return row
  throw conflict('this upstream stands in the configuration file: change it there, under upstreams')
}

function refuseTwins(others: readonly Upstream[], url: string): void {
  if (others.some((one) => one.url === url)) throw conflict(`${url} is an upstream here already`)
}

/** In the same position, with a number that nothing was kept under. */
async function replace(
  db: Db,
  place: PlaceOf,
  { id, groupId: _g, projectId: _p, createdAt: _c, updatedAt: _u, ...before }: Upstream,
  values: Partial<UpstreamValues> & Pick<UpstreamValues, 'url'>,
  now: number,
): Promise<Upstream> {
  await retireUpstream(db, id, now)
  const isSameServer = new URL(values.url).origin === new URL(before.url).origin
  const credential = isSameServer ? {} : { username: null, credential: null }
  const name = before.name === hostIn(before.url) ? { name: hostIn(values.url) } : {}
  return insertUpstream(db, place, { ...before, ...credential, ...name, ...values }, now)
}

/** Puts one into its position; those of the configuration file stand before all others. */
async function arrange(
  db: Db,
  place: PlaceOf,
  moved: Upstream,
  position: number | undefined,
): Promise<Upstream> {
  const others = (await upstreamsOf(db, place, moved.format)).filter(({ id }) => id !== moved.id)
  const wanted = others.toSpliced((position ?? Infinity) - 1, 0, moved)
  const [configured, own] = [wanted.filter(isConfigured), wanted.filter((one) => !isConfigured(one))]
  await orderUpstreams(db, [...configured, ...own])
  return existing(db, place, moved.id)
}

export const isConfigured = ({ source }: Upstream) => source === 'configuration'

function record(
  db: Db,
  acting: Acting,
  owner: Resource,
  kind: 'upstream.created' | 'upstream.changed' | 'upstream.removed',
  upstream: Upstream,
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const detail = { ...eventDetail(upstream), ...more }
  return recordAt(db, acting, owner, kind, { format: upstream.format, detail })
}
