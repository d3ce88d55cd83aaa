/** What collection deletes in a store goes late, and a test can tell whose bytes are on their way out. */
import { createHash, randomInt } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BlobStore } from '../../src/storage/blob-store.ts'

/** Deletions under way in stores, each as late as chance has it. */
export interface LateDeletes {
  /** By sha256: how many deletions are under way. */
  readonly underWay: ReadonlyMap<string, number>
  /** How many are done. */
  done(): number
  /** The store, deleting what collection deletes late. */
  around(blobs: BlobStore): BlobStore
  /** Holds up the requests of nodes to an S3 server that passes them on, to be called before each. */
  hold(request: IncomingMessage): Promise<{ done(): void } | undefined>
}

/** `latest`: at most so late, in milliseconds. */
export function lateDeletes(latest: number): LateDeletes {
  const digests = new Map<string, string>()
  /** What nobody took at the end of its request was never part of a package: it is deleted at once and not counted. */
  const kept = new Set<string>()
  const underWay = new Map<string, number>()
  let deleted = 0
  const count = (sha256: string, by: number) => underWay.set(sha256, (underWay.get(sha256) ?? 0) + by)

  async function beginDelete(key: string) {
    const sha256 = digests.get(key) ?? ''
    digests.delete(key)
    if (!kept.delete(key)) return undefined
    count(sha256, 1)
    await sleep(randomInt(latest + 1))
    return {
      done() {
        count(sha256, -1)
        deleted += 1
      },
    }
  }
  return {
    underWay,
    done: () => deleted,
    around: (blobs) => ({
      ...blobs,
      async write(body) {
        const hash = createHash('sha256')
        const written = await blobs.write(hashed(body, hash))
        digests.set(written.key, hash.digest('hex'))
        return written
      },
      async keep(key) {
        await blobs.keep(key)
        kept.add(key)
      },
      async delete(key) {
        const deletion = await beginDelete(key)
        await blobs.delete(key)
        deletion?.done()
      },
    }),
    async hold({ method, url, headers }) {
      const [, kind, name] = /\/(incoming|blobs)\/(?:.*\/)?([^/?]+)/.exec(url!) ?? []
      if (kind === 'blobs' && method === 'PUT') digests.set(name!, String(headers['x-amz-content-sha256']))
      if (method !== 'DELETE') return undefined
      if (kind === 'blobs') return beginDelete(name!)
      // Of what is not kept the bytes go first, and then the mark.
      if (digests.has(name!)) kept.add(name!)
      return undefined
    },
  }
}

async function* hashed(body: AsyncIterable<Uint8Array>, hash: ReturnType<typeof createHash>) {
  for await (const chunk of body) {
    hash.update(chunk)
    yield chunk
  }
}
