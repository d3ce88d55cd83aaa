import type { Core } from '../core/core.ts'
import {
  dropUpstream,
  forgetLeastUsed,
  forgetUnused,
  keptBytes,
  upstreamsToTrim,
} from '../core/records/upstream-trim.ts'
import { forgetDeadFetches } from '../core/records/upstream-fetches.ts'
import type { UpstreamRow } from '../database/schema.ts'
import type { JobKind } from './job.ts'

const dayMs = 86_400_000
/** A fetch that began before an upstream was removed may still bring something. */
const lastFetchMs = 3_600_000

/** Forgets what is kept of upstreams that are no more, was not used for long, or is more than there may be. */
export const trimUpstreams: JobKind = {
  kind: 'trim-upstreams',
  every: 3_600_000,
  async run(core, _key, signal) {
    await core.database.write(forgetDeadFetches, { beside: ['trim-upstreams'] })
    let page = await upstreamsToTrim(core.database.read, 0)
    while (page.length > 0 && !signal.aborted) {
      for (const upstream of page) if (!signal.aborted) await trim(core, upstream, signal)
      page = await upstreamsToTrim(core.database.read, page.at(-1)!.id)
    }
  },
}

async function trim(core: Core, upstream: UpstreamRow, signal: AbortSignal): Promise<void> {
  const { id, deleted_at, keep_days_unused, max_bytes } = upstream
  const now = core.clock()
  if (deleted_at !== null) {
    await forgetAll(core, id, undefined, signal)
    const isOver = deleted_at < now - lastFetchMs
    if (isOver && !signal.aborted) await core.database.write((db) => dropUpstream(db, id))
    return
  }
  if (keep_days_unused !== null) await forgetAll(core, id, now - keep_days_unused * dayMs, signal)
  if (max_bytes === null) return
  let excess = (await keptBytes(core.database.scan, id)) - max_bytes
  while (excess > 0 && !signal.aborted) {
    const freed = await core.database.write((db) => forgetLeastUsed(db, id, excess, now))
    if (freed === 0) return
    excess -= freed
  }
}

async function forgetAll(
  core: Core,
  id: number,
  before: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  let isMore = true
  while (isMore && !signal.aborted)
    isMore = await core.database.write((db) => forgetUnused(db, id, before, core.clock()))
}
