import { opendir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { unlessMissing } from './file-errors.ts'
import { isName, keyOf } from './keys.ts'
import type { Marks } from './local-marks.ts'

/** Where to look for leftovers, and what tells them from the work of now. */
export interface Sweep {
  readonly incoming: string
  readonly blobs: string
  readonly marks: Marks
  /** Ends the names of what the opened store wrote itself. */
  readonly run: string
  /** When the store was opened, in milliseconds since 1970. */
  readonly openedAt: number
}

/** Yields the keys whose mark an earlier run left, and removes half-written bytes on the way. */
export async function* listLeftovers(sweep: Sweep): AsyncGenerator<string> {
  for await (const entry of await opendir(sweep.incoming)) {
    const name = sweep.marks.nameOf(entry.name)
    if (!isName(name) || name.endsWith(sweep.run)) continue
    if (!(await isOld(join(sweep.incoming, entry.name), sweep.openedAt))) continue
    const key = keyOf(name)
    if (await unlessMissing(stat(join(sweep.blobs, key)))) yield key
    else await sweep.marks.remove(name)
  }
}

/** A file that changed since the store was opened is being written by another process. */
async function isOld(path: string, openedAt: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found !== undefined && found.mtimeMs < openedAt
}
