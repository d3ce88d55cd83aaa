import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { together } from '../lib/together.ts'

const batchBytes = 1024 * 1024
/** A chunk of one byte may hold a whole socket buffer in memory, hence a limit on their number too. */
const batchChunks = 64

/** Writes `body` to a file that must not exist yet and syncs it, by `sync`. Returns its size in bytes. */
export async function writeNewFile(
  path: string,
  body: AsyncIterable<Uint8Array>,
  sync: Sync = syncAtOnce,
): Promise<number> {
  const opening = open(path, 'wx', 0o600)
  try {
    const size = await writeBody(opening, body)
    await sync(await opening)
    return size
  } finally {
    await (await opening).close()
  }
}

type Sync = (file: FileHandle) => Promise<void>
const syncAtOnce: Sync = (file) => file.sync()

/**
 * Ways to sync files together with those that come within so many milliseconds (0: each at once): the disk then has less to
 * do for each. A sync that failed is not tried again, as the next one would know nothing of what was lost.
 */
export function gatheredSyncs(): (waitMs: number) => Sync {
  const ways = new Map<number, Sync>([[0, syncAtOnce]])
  return (waitMs) => {
    const way = ways.get(waitMs) ?? gathered(waitMs)
    ways.set(waitMs, way)
    return way
  }
}

function gathered(waitMs: number): Sync {
  const sync = together(
    (files: readonly FileHandle[]) => Promise.allSettled(files.map((file) => file.sync())),
    { waitMs },
  )
  return async (file) => {
    const synced = await sync(file)
    if (synced.status === 'rejected') throw synced.reason
  }
}

/** One batch is written while the next one arrives: at most two are in memory. */
async function writeBody(opening: Promise<FileHandle>, body: AsyncIterable<Uint8Array>): Promise<number> {
  // Bytes are taken while the file is opened; where it cannot be, the first batch says so.
  opening.catch(() => {})
  let batch: Uint8Array[] = []
  let held = 0
  let size = 0
  let writing = Promise.resolve()
  async function flush(): Promise<void> {
    await writing
    writing = writeBatch(await opening, batch)
    // Whoever awaits `writing` next gets the error; until then it must not count as unhandled.
    writing.catch(() => {})
    batch = []
    held = 0
  }
  for await (const chunk of body) {
    if (chunk.length === 0) continue
    batch.push(chunk)
    held += chunk.length
    size += chunk.length
    if (held >= batchBytes || batch.length >= batchChunks) await flush()
  }
  await flush()
  await writing
  return size
}

async function writeBatch(file: FileHandle, batch: Uint8Array[]): Promise<void> {
  let left = batch
  while (left.length > 0) {
    const { bytesWritten } = await file.writev(left)
    left = after(left, bytesWritten)
  }
}

/** What is left of `chunks` behind the first `count` bytes: a nearly full disk takes a part. */
function after(chunks: Uint8Array[], count: number): Uint8Array[] {
  let skip = count
  let index = 0
  for (const chunk of chunks) {
    if (skip < chunk.length) break
    skip -= chunk.length
    index++
  }
  const first = chunks[index]
  return first ? [first.subarray(skip), ...chunks.slice(index + 1)] : []
}
