import type { BlobStore, BlobStoreCounts, LinkOptions } from './blob-store.ts'
import { assertRange } from './byte-range.ts'
import { assertKey, makeKey, makeRun, nameOf } from './keys.ts'
import { checkBucket } from './s3-check.ts'
import { accessS3, type S3Options } from './s3-client.ts'
import { keepMarks } from './s3-keep.ts'
import { s3Leftovers, s3Objects } from './s3-objects.ts'
import { readObject, streamObject } from './s3-read.ts'
import { writeObject } from './s3-write.ts'

/**
 * A store in a bucket: `<prefix>blobs/ab/cd/<name>` holds the bytes; an empty object `<prefix>incoming/<name>` marks
 * what is being written or not kept yet. The mark is there before the first byte and goes last.
 *
 * Every request has a time limit and is repeated a few times; what then fails is a `Problem` 503. Throws
 * `StartRefused`, in one line that says what to do, when the bucket cannot be used.
 */
export async function openS3Store(options: S3Options): Promise<BlobStore> {
  const access = await accessS3(options)
  const objects = s3Objects(access)
  const keeping = keepMarks(objects)
  const run = makeRun()
  const newName = () => nameOf(makeKey(run))
  const counts: BlobStoreCounts = { opens: 0, writes: 0, deletes: 0 }
  let closed = false
  await checkBucket(access, objects, newName())

  async function write(body: AsyncIterable<Uint8Array>): Promise<{ key: string; size: number }> {
    if (closed) throw new Error('the blob store is closed')
    const key = makeKey(run)
    const size = await writeObject({ access, objects, key }, body)
    counts.writes++
    return { key, size }
  }

  return {
    write,
    keep: async (key) => {
      assertKey(key)
      keeping.start(nameOf(key))
    },
    release: async (key) => {
      assertKey(key)
      await keeping.done(nameOf(key))
      await objects.putMark(nameOf(key))
    },
    delete: async (key) => {
      assertKey(key)
      counts.deletes++
      await objects.removeBytes(key)
      await objects.removeMark(nameOf(key))
    },
    open: (key, range = { start: 0 }) => {
      assertKey(key)
      assertRange(range)
      counts.opens++
      return streamObject(access, objects.bytesName(key), key, range)
    },
    read: async (key) => {
      assertKey(key)
      counts.opens++
      return readObject(access, objects.bytesName(key), key)
    },
    leftovers: ({ olderThanMs }) => s3Leftovers(objects, { olderThanMs, run, probe: newName() }),
    link: (key, wish) => {
      assertKey(key)
      return linkTo(objects.bytesName(key), wish)
    },
    isEmpty: () => objects.isEmpty(),
    now: () => objects.time(newName()),
    counts,
    close: async () => {
      closed = true
      await keeping.allDone()
      access.client.destroy()
    },
  }

  async function linkTo(name: string, wish: LinkOptions): Promise<string> {
    const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner')
    const { sdk, client, bucket } = access
    const command = wish.method === 'HEAD' ? sdk.HeadObjectCommand : sdk.GetObjectCommand
    const object = new command({
      Bucket: bucket,
      Key: name,
      ResponseContentType: wish.contentType,
      ResponseContentDisposition: wish.contentDisposition,
      ResponseCacheControl: 'private, no-store',
    })
    return getSignedUrl(client, object, { expiresIn: wish.expiresIn })
  }
}
