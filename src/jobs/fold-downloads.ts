import { foldDownloads } from '../core/records/downloads.ts'
import type { JobKind } from './job.ts'

/** Keeps the statistics of downloads small: days that are long past become one number for each package. */
export const foldOldDownloads: JobKind = {
  kind: 'fold-downloads',
  every: 86_400_000,
  run: (core) => core.database.write((db) => foldDownloads(db, core.clock())),
}
