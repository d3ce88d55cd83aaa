import { isName, keyOf } from './keys.ts'
import type { S3Access } from './s3-client.ts'
import { isMissing, reaching } from './s3-errors.ts'

/** Requests about objects that need no stream, under the names that a store gives them in its bucket. */
export interface S3Objects {
  /** Where the bytes of a key lie. */
  bytesName(key: string): string
  /** Where the empty object lies that marks a key as a leftover. */
  markName(name: string): string
  putMark(name: string): Promise<void>
  removeMark(name: string): Promise<void>
  /** The size of the bytes; undefined: there are none. */
  size(key: string): Promise<number | undefined>
  /** Fine when there are none. */
  removeBytes(key: string): Promise<void>
  /** Aborts multipart uploads to `key`, which keep their parts until then. */
  abortUploads(key: string): Promise<void>
  /** Whether there are no bytes. */
  isEmpty(): Promise<boolean>
  /** What time it is for the store, in milliseconds since 1970: the clock that marks are dated by. */
  time(name: string): Promise<number>
  /** Marks, each with when it was made, oldest page first. */
  marks(): AsyncIterable<{ readonly name: string; readonly at: number }>
}

export function s3Objects({ sdk, client, bucket, prefix }: S3Access): S3Objects {
  const markPrefix = `${prefix}incoming/`
  const markName = (name: string) => markPrefix + name
  const bytesName = (key: string) => `${prefix}blobs/${key}`
  const at = (Key: string) => ({ Bucket: bucket, Key })
  const remove = async (name: string) =>
    void (await reaching(client.send(new sdk.DeleteObjectCommand(at(name)))))

  async function head(name: string) {
    try {
      return await client.send(new sdk.HeadObjectCommand(at(name)))
    } catch (error) {
      if (isMissing(error)) return undefined
      return reaching(Promise.reject(error as Error))
    }
  }
  async function putMark(name: string): Promise<void> {
    const mark = { ...at(markName(name)), Body: Buffer.alloc(0), ContentLength: 0 }
    await reaching(client.send(new sdk.PutObjectCommand(mark)))
  }
  async function abortUploads(key: string): Promise<void> {
    const wanted = bytesName(key)
    const listing = { Bucket: bucket, Prefix: wanted }
    const { Uploads = [] } = await reaching(client.send(new sdk.ListMultipartUploadsCommand(listing)))
    for (const { Key, UploadId } of Uploads) {
      if (Key !== wanted || UploadId === undefined) continue
      const abort = client.send(new sdk.AbortMultipartUploadCommand({ ...at(Key), UploadId }))
      await reaching(abort.catch(unlessMissing))
    }
  }
  async function* marks() {
    let token: string | undefined
    do {
      const listing = { Bucket: bucket, Prefix: markPrefix, ContinuationToken: token }
      const page = await reaching(client.send(new sdk.ListObjectsV2Command(listing)))
      for (const { Key, LastModified } of page.Contents ?? []) {
        if (Key && LastModified) yield { name: Key.slice(markPrefix.length), at: LastModified.getTime() }
      }
      token = page.NextContinuationToken
    } while (token !== undefined)
  }
  return {
    bytesName,
    markName,
    putMark,
    removeMark: (name) => remove(markName(name)),
    size: async (key) => {
      const found = await head(bytesName(key))
      return found && (found.ContentLength ?? 0)
    },
    removeBytes: (key) => remove(bytesName(key)),
    abortUploads,
    marks,
    async isEmpty() {
      const listing = { Bucket: bucket, Prefix: bytesName(''), MaxKeys: 1 }
      const { KeyCount = 0 } = await reaching(client.send(new sdk.ListObjectsV2Command(listing)))
      return KeyCount === 0
    },
    async time(name) {
      await putMark(name)
      const found = await head(markName(name))
      await remove(markName(name))
      return found?.LastModified?.getTime() ?? 0
    },
  }
}

function unlessMissing(error: unknown): void {
  if (!isMissing(error)) throw error
}

/** The keys of marks that are older than so many milliseconds; 0: all but those whose name ends with `run`. */
export async function* s3Leftovers(
  objects: S3Objects,
  { olderThanMs, run, probe }: { readonly olderThanMs: number; readonly run: string; readonly probe: string },
): AsyncGenerator<string> {
  const before = olderThanMs === 0 ? Infinity : (await objects.time(probe)) - olderThanMs
  for await (const { name, at } of objects.marks()) {
    if (!isName(name) || at > before || (olderThanMs === 0 && name.endsWith(run))) continue
    const key = keyOf(name)
    await objects.abortUploads(key)
    yield key
  }
}
