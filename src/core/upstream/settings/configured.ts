/** The instance's upstreams that stand in the configuration file. */
import type { Db } from '../../../database/database.ts'
import { Problem } from '../../../lib/problem.ts'
import { UnsealError } from '../../../lib/secrets.ts'
import { StartRefused } from '../../../lib/start-refused.ts'
import type { Core } from '../../core.ts'
import { ownOrigin, recordEvent, type EventKind } from '../../records/events.ts'
import {
  insertUpstream,
  orderUpstreams,
  retireUpstream,
  updateUpstream,
  upstreamsOf,
  type Upstream,
  type UpstreamValues,
} from '../../records/upstreams.ts'
import { isConfigured } from './manage.ts'
import { storedCredential } from '../credential.ts'
import { eventDetail, fillingFormat, hostIn, unsaid, wishedValues, type UpstreamWish } from './wish.ts'

type Adopting = Pick<Core, 'config' | 'formats' | 'secretKey' | 'clock'>
type Configured = Omit<UpstreamValues, 'position'>

/**
 * Makes the rows that come from the configuration file equal to it; what did not change keeps its number, and with it
 * what was kept. To be called in the transaction of the start.
 * @throws StartRefused naming the format and the address of what cannot be.
 */
export async function adoptConfiguredUpstreams(core: Adopting, db: Db): Promise<void> {
  const before = await upstreamsOf(db, 'instance')
  const { upstreams } = core.config
  const formatIds = new Set([...before.map((row) => row.format), ...Object.keys(upstreams)])
  for (const formatId of formatIds) {
    const rows = before.filter((row) => row.format === formatId)
    const wishes = upstreams[formatId] ?? []
    if (wishes.length > 0 || rows.some(isConfigured)) await adoptFormat(core, db, formatId, { rows, wishes })
  }
}

async function adoptFormat(
  core: Adopting,
  db: Db,
  formatId: string,
  { rows, wishes }: { readonly rows: readonly Upstream[]; readonly wishes: readonly UpstreamWish[] },
): Promise<void> {
  const known = new Map(rows.filter(isConfigured).map((row) => [row.url, row]))
  const kept: Upstream[] = []
  for (const wish of wishes) {
    const values = valuesOf(core, formatId, wish)
    kept.push(await adopt(core, db, known.get(values.url), values, wish))
    known.delete(values.url)
  }
  for (const row of known.values()) {
    await retireUpstream(db, row.id, core.clock())
    await record(core, db, 'upstream.removed', row)
  }
  await orderUpstreams(db, [...kept, ...rows.filter((row) => !isConfigured(row))])
}

function valuesOf(core: Adopting, formatId: string, wish: UpstreamWish): Configured {
  try {
    const told = wishedValues(core, fillingFormat(core, formatId), wish)
    const name = hostIn(told.url!)
    return {
      ...unsaid,
      name,
      ...(told as typeof told & { url: string }),
      format: formatId,
      source: 'configuration',
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    throw new StartRefused(`config: upstreams.${formatId}: ${wish.url}: ${error.message}`)
  }
}

async function adopt(
  core: Adopting,
  db: Db,
  row: Upstream | undefined,
  values: Configured,
  wish: UpstreamWish,
): Promise<Upstream> {
  if (!row) {
    // The position comes with that of the others.
    const made = await insertUpstream(db, 'instance', { ...values, position: 0 }, core.clock())
    await record(core, db, 'upstream.created', made)
    return made
  }
  if (isSame(core, row, values, wish)) return row
  const changed = await updateUpstream(db, row.id, values, core.clock())
  await record(core, db, 'upstream.changed', changed)
  return changed
}

/** Sealed texts differ even of the same secret, so the secrets are compared. */
function isSame(
  core: Adopting,
  row: Upstream,
  values: Configured,
  { credential = null }: UpstreamWish,
): boolean {
  const { credential: _, ...plain } = values
  const same = Object.entries(plain).every(
    ([key, value]) => JSON.stringify(row[key as keyof Upstream]) === JSON.stringify(value),
  )
  if (!same) return false
  try {
    return storedCredential(core, row)?.secret === credential?.secret
  } catch (error) {
    if (error instanceof UnsealError) return false
    throw error
  }
}

function record({ clock }: Adopting, db: Db, kind: EventKind, row: Upstream): Promise<void> {
  return recordEvent(db, kind, ownOrigin, { format: row.format, detail: eventDetail(row) }, clock())
}
