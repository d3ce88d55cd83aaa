import { createHash, type Hash } from 'node:crypto'
import type { Digest, Digests, StagedBlob } from '../../formats/format.ts'
import { Problem, tooLarge } from '../../lib/problem.ts'
import { createPieceCollector } from '../../lib/collect-garbage.ts'
import { openStored } from '../bytes/open-stored.ts'
import { brand } from '../bytes/stored-blob.ts'
import type { Core } from '../core.ts'
import type { Room } from '../policy/room.ts'

/** What was staged in one request: dropped at its end, but for what a publication took over. */
export interface Staging {
  stage(body: AsyncIterable<Uint8Array> | Uint8Array, expect?: Digests): Promise<StagedBlob>
  /** A committed row names this object now. */
  taken(storageKey: string): Promise<void>
  /**
   * To be called inside the transaction that names what was staged. A process that stood still for so long that a sweep
   * may have taken the bytes for leftovers must not publish them. Throws 408.
   */
  checkTime(): void
  /** Nobody knows whether a committed row names these objects: what stays is for the sweep, which asks the records. */
  leave(): void
  /** Deletes what nobody took. */
  end(): Promise<void>
}

export interface StagingRules {
  readonly projectId: number
  /** In bytes, per file; 0: no limit. */
  readonly maxFileSize: number
  /** Beside sha256. */
  readonly digests: readonly Digest[]
  readonly room: Room
}

const day = 86_400_000

/** How long one request may go on uploading, in milliseconds: well before anybody sweeps what it wrote. */
export function longestUpload({ config }: Pick<Core, 'config'>): number {
  return Math.min(day, (config.packages.sweepAfter * 24) / 25)
}

/** Takes bodies in for one request, hashing while they stream to storage. */
export function createStaging(core: Core, rules: StagingRules): Staging {
  const open = new Set<string>()
  const checkTime = timeLimit(longestUpload(core))
  async function stage(
    body: AsyncIterable<Uint8Array> | Uint8Array,
    expect: Digests = {},
  ): Promise<StagedBlob> {
    const wanted = new Set<Digest>(['sha256', ...rules.digests, ...(Object.keys(expect) as Digest[])])
    const hashes = new Map([...wanted].map((digest) => [digest, createHash(digest)]))
    const source = body instanceof Uint8Array ? [body] : body
    const { key, size } = await core.blobs.write(measured(inTime(source, checkTime), hashes, rules))
    open.add(key)
    const digests = Object.fromEntries(
      [...hashes].map(([digest, hash]) => [digest, hash.digest('hex')]),
    ) as Digests
    compare(digests, expect)
    const bytes = {
      size,
      sha256: digests.sha256!,
      digests,
      open: (range?: { start: number; end?: number }) =>
        openStored(core, { storageKey: key, size, sha256: digests.sha256! }, range),
    }
    return brand(bytes, { kind: 'staged', storageKey: key, projectId: rules.projectId })
  }
  return {
    stage,
    async taken(storageKey) {
      open.delete(storageKey)
      await tidy(core, core.blobs.keep(storageKey))
    },
    checkTime,
    leave: () => open.clear(),
    async end() {
      for (const key of open) await tidy(core, core.blobs.delete(key))
      open.clear()
      rules.room.end()
    },
  }
}

/** What is left over because storage fails now keeps its mark for the sweep: no reason to fail the request. */
async function tidy({ log }: Core, work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (error) {
    log.warn({ err: error }, 'storage could not be tidied up after an upload; a sweep will do it')
  }
}

/** By two clocks: one of them stands still while the machine sleeps, the other one may be set back. */
function timeLimit(ms: number): () => void {
  const began = { steady: performance.now(), wall: Date.now() }
  return () => {
    const took = Math.max(performance.now() - began.steady, Date.now() - began.wall)
    if (took > ms) throw new Problem(408, 'too_slow', 'The upload took too long; send it again')
  }
}

async function* inTime(
  source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  checkTime: () => void,
): AsyncIterable<Uint8Array> {
  for await (const chunk of source) {
    checkTime()
    yield chunk
  }
  checkTime()
}

async function* measured(
  source: AsyncIterable<Uint8Array>,
  hashes: ReadonlyMap<Digest, Hash>,
  { maxFileSize, room }: StagingRules,
): AsyncIterable<Uint8Array> {
  let size = 0
  const collect = createPieceCollector()
  for await (const chunk of source) {
    size += chunk.length
    collect(chunk.length)
    if (maxFileSize > 0 && size > maxFileSize)
      throw tooLarge(`File is too large: at most ${maxFileSize} bytes are allowed`)
    const asking = room.take(chunk.length)
    if (asking) await asking
    for (const hash of hashes.values()) hash.update(chunk)
    yield chunk
  }
}

function compare(actual: Digests, expect: Digests): void {
  for (const [digest, value] of Object.entries(expect) as [Digest, string][]) {
    if (actual[digest] === value.toLowerCase()) continue
    throw new Problem(
      400,
      'digest_mismatch',
      `the ${digest} of the received bytes is ${actual[digest]}, not ${value.toLowerCase()} as announced`,
    )
  }
}
