/**
 * Backups and the removing of old ones, of however many machines, keep off each other in a directory: who removes sets a
 * mark and then looks for backups under way, who makes a backup begins it and then looks for the mark.
 */
import { mkdir, readdir, rm, utimes } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode } from '../storage/file-errors.ts'
import { abandonedMs, partial, removeAbandoned, type BackupDirectory } from './backup-directory.ts'

/** It is abandoned as a snapshot under way is. */
const mark = `removing${partial}`

export interface RemovalMark {
  /** Throws where it was not renewed for so long that somebody else may take it for abandoned. */
  check(): void
  release(): Promise<void>
}

/** Undefined while somebody else makes a backup, or removes old ones. */
export async function markRemoval(directory: BackupDirectory): Promise<RemovalMark | undefined> {
  const path = directory.snapshotPath(mark)
  await removeAbandoned(directory, Date.now())
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return undefined
    throw error
  }
  let renewedAt = performance.now()
  const timer = setInterval(() => {
    const began = performance.now()
    utimes(path, new Date(), new Date()).then(
      () => (renewedAt = began),
      () => {},
    )
  }, abandonedMs / 20)
  timer.unref()
  const removal: RemovalMark = {
    check() {
      if (performance.now() - renewedAt > abandonedMs / 2)
        throw new Error(
          'the removing of old backups stood still for too long and was broken off: run it again',
        )
    },
    async release() {
      clearInterval(timer)
      await rm(path, { recursive: true, force: true })
    },
  }
  const underWay = await readdir(directory.snapshotPath('.'))
  if (!underWay.some((name) => name.endsWith(partial) && name !== mark)) return removal
  await removal.release()
  return undefined
}

/** Waits for who removes old backups: what one looks at now may go. To be called with a snapshot begun. */
export async function untilNobodyRemoves(directory: BackupDirectory, signal: AbortSignal): Promise<void> {
  for (;;) {
    const names = await readdir(directory.snapshotPath('.'))
    if (!names.includes(mark)) return
    await sleep(500, undefined, { signal })
    await removeAbandoned(directory, Date.now())
  }
}
