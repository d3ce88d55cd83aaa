import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'

const batchBytes = 1024 * 1024
/** A chunk of one byte may hold a whole socket buffer in memory, hence a limit on their number too. */
const batchChunks = 64

/** Writes `body` to a file that must not exist yet and syncs it. Returns its size in bytes. */
export async function writeNewFile(path: string, body: AsyncIterable<Uint8Array>): Promise<number> {
  const file = await open(path, 'wx', 0o600)
  try {
    const size = await writeBody(file, body)
    await file.sync()
    return size
  } finally {
    await file.close()
  }
}

/** One batch is written while the next one arrives: at most two are in memory. */
async function writeBody(file: FileHandle, body: AsyncIterable<Uint8Array>): Promise<number> {
  let batch: Uint8Array[] = []
  let held = 0
  let size = 0
  let writing = Promise.resolve()
  async function flush(): Promise<void> {
    await writing
    writing = writeBatch(file, batch)
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
