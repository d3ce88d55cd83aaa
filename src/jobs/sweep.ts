import { sweepLeftovers } from '../core/publish/sweep.ts'
import type { JobKind } from './job.ts'

/** Removes what uploads that nobody finished left in storage, once no upload can still be at it. */
export const sweep: JobKind = {
  kind: 'sweep',
  every: 3_600_000,
  async run(core, _key, signal) {
    const swept = await sweepLeftovers(core, core.config.packages.sweepAfter, signal)
    if (swept.deleted > 0) core.log.info(swept, 'removed what interrupted uploads had left in storage')
  },
}
