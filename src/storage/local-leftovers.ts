import { open, opendir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { unlessMissing } from './file-errors.ts'
import { isName, keyOf, makeKey, nameOf } from './keys.ts'
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
  /** Only what is older; 0: only what was there when the store was opened. */
  readonly olderThanMs: number
}

/** Yields the keys whose mark is old enough, and removes half-written bytes on the way. */
export async function* listLeftovers(sweep: Sweep): AsyncGenerator<string> {
  const { olderThanMs } = sweep
  const before = olderThanMs === 0 ? sweep.openedAt : (await diskTime(sweep)) - olderThanMs
  for await (const entry of await opendir(sweep.incoming)) {
    const name = sweep.marks.nameOf(entry.name)
    if (!isName(name) || (olderThanMs === 0 && name.endsWith(sweep.run))) continue
    if (!(await isOlder(join(sweep.incoming, entry.name), before))) continue
    const key = keyOf(name)
    if (await unlessMissing(stat(join(sweep.blobs, key)))) yield key
    else await sweep.marks.remove(name)
  }
}

/** A file that changed lately is being written by some process. */
async function isOlder(path: string, before: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found !== undefined && found.mtimeMs < before
}

/** What time it is for the disk, which may be another machine's, in milliseconds since 1970. */
async function diskTime({ incoming, run }: Sweep): Promise<number> {
  // Named like an upload: what a crash leaves of it goes as what it leaves of those.
  const path = join(incoming, nameOf(makeKey(run)))
  const file = await open(path, 'w', 0o600)
  try {
    return (await file.stat()).mtimeMs
  } finally {
    await file.close()
    await unlink(path)
  }
}
