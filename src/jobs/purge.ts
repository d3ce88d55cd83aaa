import { purgeExpired } from '../core/publish/purge.ts'
import type { JobKind } from './job.ts'

const day = 86_400_000

/** Forgets removed packages and files whose time for being restored is over. */
export const purge: JobKind = {
  kind: 'purge',
  every: 3_600_000,
  async run(core, _key, signal) {
    const before = core.clock() - core.config.packages.restoreDays * day
    while (!signal.aborted && (await purgeExpired(core, before)) > 0);
  },
}
