import { access, constants, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { BlobStore, BlobStoreCounts, WriteOptions } from './blob-store.ts'
import { unlessMissing, withDisk } from './file-errors.ts'
import { assertKey, keysTogetherOf, makeRun, nameOf } from './keys.ts'
import { holdsNoFile, openDirectories, sharedSyncs, syncDirectory } from './local-directories.ts'
import { listLeftovers } from './local-leftovers.ts'
import { openMarks, prepareRoot } from './local-marks.ts'
import { readSmallFile, streamFile } from './local-read.ts'
import { gatheredSyncs, writeNewFile } from './local-write.ts'

/** How a store on disk works, where the default does not fit. */
export interface LocalStoreOptions {
  /** Whether the file system has hard links. Default: tried out when the store is opened. */
  readonly hardLinks?: boolean
}

/**
 * A store on a local disk (or a mounted one): `<root>/blobs/ab/cd/<name>` holds the bytes, `<root>/incoming/` what
 * is being written and the marks of what is not kept yet.
 *
 * Makes the directories where they are missing. Throws `StartRefused`, in one line that names the directory, when it
 * cannot be written to.
 */
export async function openLocalStore(root: string, options: LocalStoreOptions = {}): Promise<BlobStore> {
  const hardLinks = await prepareRoot(root, options.hardLinks)
  const incoming = join(root, 'incoming')
  const blobs = join(root, 'blobs')
  const marks = openMarks(incoming, hardLinks)
  const directories = openDirectories(blobs)
  const run = makeRun()
  const newKey = keysTogetherOf(run)
  const [syncNames, syncAfter] = [sharedSyncs(), gatheredSyncs()]
  const openedAt = performance.timeOrigin + performance.now()
  const counts: BlobStoreCounts = { opens: 0, writes: 0, deletes: 0 }
  let closed = false

  function blobPath(key: string): string {
    assertKey(key)
    return join(blobs, key)
  }

  async function write(body: AsyncIterable<Uint8Array>, { gatherMs = 0 }: WriteOptions = {}) {
    if (closed) throw new Error('the blob store is closed')
    const key = newKey()
    try {
      const size = await writeNewFile(marks.incomingPath(nameOf(key)), body, syncAfter(gatherMs))
      await directories.ensure(dirname(key))
      await marks.place(nameOf(key), blobPath(key))
      await syncNames(dirname(blobPath(key)))
      counts.writes++
      return { key, size }
    } catch (error) {
      // What cannot be removed now keeps its mark and is swept later.
      await remove(key).catch(() => {})
      throw withDisk(error)
    }
  }

  /** The bytes go first: a crash in between leaves a mark without bytes, which the sweep removes. */
  async function remove(key: string): Promise<void> {
    await unlessMissing(unlink(blobPath(key)))
    await marks.remove(nameOf(key))
  }

  return {
    write,
    keep: async (key) => {
      assertKey(key)
      await marks.remove(nameOf(key))
    },
    release: async (key) => {
      assertKey(key)
      await marks.add(nameOf(key))
      await syncDirectory(incoming)
    },
    delete: async (key) => {
      assertKey(key)
      counts.deletes++
      await remove(key)
    },
    open: (key, range) => {
      const path = blobPath(key)
      counts.opens++
      return streamFile(path, key, range)
    },
    read: async (key) => {
      const path = blobPath(key)
      counts.opens++
      return readSmallFile(path, key)
    },
    // A read-only disk says so to everybody; privileges do not help there.
    check: async () => {
      for (const directory of [blobs, incoming]) await access(directory, constants.R_OK | constants.W_OK)
    },
    leftovers: ({ olderThanMs }) => listLeftovers({ incoming, blobs, marks, run, openedAt, olderThanMs }),
    isEmpty: () => holdsNoFile(blobs),
    counts,
    close: async () => {
      closed = true
    },
  }
}
