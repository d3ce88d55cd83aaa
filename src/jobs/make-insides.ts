import { insidesJob } from '../core/documents/insides/last-made.ts'
import { makeInsides } from '../core/documents/insides/make.ts'
import type { JobKind } from './job.ts'

/** Reads what is inside of files and makes the indexes of that, where owners want them and somebody asked for a set. */
export const makeInsideIndexes: JobKind = {
  kind: insidesJob,
  run: (core, key, signal) => makeInsides(core, Number(key), signal),
}
