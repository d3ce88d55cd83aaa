/**
 * Clients upload, purge and upload again the same bytes while collection never stops and deletes of the store are late.
 * Whatever was acknowledged must be whole at every moment, and nothing more may be stored in the end.
 */
import assert from 'node:assert/strict'
import { createHash, randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Core } from '../../src/core/core.ts'
import { collect } from '../../src/jobs/collect.ts'
import type { BlobStore } from '../../src/storage/blob-store.ts'
import type { Actor } from '../actor.ts'

/** One server process, or one that stands for it. */
export interface StormNode {
  readonly core: Core
  /** Somebody who may publish to, and purge from, the project. */
  readonly actor: Actor
}

export interface Storm {
  /** Collection runs on each; clients take them in turn. */
  readonly nodes: readonly StormNode[]
  /** Knows what the stores of all nodes delete. */
  readonly deletes: LateDeletes
  readonly projectId: number
  readonly clients: number
  /** How many different bytes there are. */
  readonly bodies: number
  /** In milliseconds. It goes on until there is `enough`, but ends after `longest`: a busy machine takes its time. */
  readonly duration: number
  readonly longest: number
  /** What proves something: fewer than these fail. */
  readonly enough: Pick<StormCounts, 'deleted' | 'whileDeleted'>
}

export interface StormCounts {
  uploads: number
  purges: number
  /** Stored objects that were deleted by collection. */
  deleted: number
  /** Uploads that began or ended while the deletion of an older object with the same bytes was under way. */
  whileDeleted: number
}

/** Deletions under way in stores, each as late as chance has it. */
export interface LateDeletes {
  /** The store, deleting what collection deletes up to `latest` milliseconds late. */
  around(blobs: BlobStore): BlobStore
  /** What each stored key holds, as far as uploads told. */
  readonly digests: Map<string, string>
  /** By sha256: how many deletions are under way. */
  readonly underWay: Map<string, number>
  done: number
}

export function lateDeletes(latest: number): LateDeletes {
  const deletes: LateDeletes = {
    digests: new Map(),
    underWay: new Map(),
    done: 0,
    around: (blobs) => ({
      ...blobs,
      async write(body) {
        const hash = createHash('sha256')
        const written = await blobs.write(hashed(body, hash))
        deletes.digests.set(written.key, hash.digest('hex'))
        return written
      },
      async keep(key) {
        await blobs.keep(key)
        kept.add(key)
      },
      async delete(key) {
        // What nobody took at the end of its request was never part of a package.
        if (!kept.has(key)) return blobs.delete(key)
        const sha256 = deletes.digests.get(key) ?? ''
        count(deletes.underWay, sha256, 1)
        await sleep(randomInt(latest + 1))
        await blobs.delete(key)
        count(deletes.underWay, sha256, -1)
        deletes.done += 1
      },
    }),
  }
  const kept = new Set<string>()
  return deletes
}

async function* hashed(body: AsyncIterable<Uint8Array>, hash: ReturnType<typeof createHash>) {
  for await (const chunk of body) {
    hash.update(chunk)
    yield chunk
  }
}

function count(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by)
}

/** Runs it, checks that nothing was lost, and says what happened. The nodes must collect without a grace period. */
export async function collectionStorm(storm: Storm): Promise<StormCounts> {
  const counts: StormCounts = { uploads: 0, purges: 0, deleted: 0, whileDeleted: 0 }
  const began = Date.now()
  const isOver = () => {
    counts.deleted = storm.deletes.done
    const past = Date.now() - began
    return past > storm.longest || (past > storm.duration && hasEnough(counts, storm))
  }
  const collecting = storm.nodes.map((node) => collectUntil(node.core, isOver))
  const clients = Array.from({ length: storm.clients }, (_, index) => client(storm, index, isOver, counts))
  const standing = (await Promise.all(clients)).flat()
  await Promise.all(collecting)
  await settle(storm)
  for (const file of standing) await assertWhole(storm.nodes[0]!, file)
  await assertOnlyReferenced(storm, standing)
  assert.ok(hasEnough(counts, storm), `${JSON.stringify(counts)} prove too little`)
  return counts
}

const hasEnough = (counts: StormCounts, { enough }: Storm) =>
  counts.deleted >= enough.deleted && counts.whileDeleted >= enough.whileDeleted

/** A run every 50 ms, whether or not those before have ended: as several servers would that lost their lease. */
async function collectUntil(core: Core, isOver: () => boolean): Promise<void> {
  const running = new Set<Promise<void>>()
  while (!isOver()) {
    if (running.size < 4) {
      const run = collectOnce(core)
      running.add(run)
      void run.finally(() => running.delete(run)).catch(() => {})
    }
    await sleep(50)
  }
  await Promise.all(running)
}

const collectOnce = (core: Core) => collect.run(core, '', new AbortController().signal)

interface Standing {
  readonly path: string
  readonly body: Buffer
}

/** Publishes one of the bodies, reads it, and purges one of its own that stand; until the end. */
async function client(
  storm: Storm,
  index: number,
  isOver: () => boolean,
  counts: StormCounts,
): Promise<Standing[]> {
  const node = storm.nodes[index % storm.nodes.length]!
  const standing: Standing[] = []
  for (let round = 0; !isOver(); round++) {
    const body = chooseBody(storm)
    const file = { path: `${at(storm)}/storm-${index}/${index}.${round}/file.bin`, body }
    const wasGoing = isGoing(storm, body)
    const reply = await node.actor.put(file.path, body)
    assert.equal(reply.status, 201, await reply.text())
    counts.uploads += 1
    if (wasGoing || isGoing(storm, body)) counts.whileDeleted += 1
    standing.push(file)
    await assertWhole(node, standing[randomInt(standing.length)]!)
    while (standing.length > 2) {
      const [gone] = standing.splice(randomInt(standing.length), 1)
      await purge(storm, node, gone!)
      counts.purges += 1
    }
  }
  return standing
}

/** Rather one whose older object is being deleted. */
function chooseBody({ bodies, deletes }: Storm): Buffer {
  const all = Array.from({ length: bodies }, (_, number) => bodyOf(number))
  const going = all.filter((body) => isGoing({ deletes }, body))
  const isChosen = going.length > 0 && randomInt(5) > 0
  return isChosen ? going[randomInt(going.length)]! : all[randomInt(bodies)]!
}

const isGoing = ({ deletes }: Pick<Storm, 'deletes'>, body: Buffer) =>
  (deletes.underWay.get(sha256(body)) ?? 0) > 0

const at = ({ projectId }: Storm) => `/api/v4/projects/${projectId}/packages/generic`
const bodyOf = (number: number) => Buffer.from(`body ${number} `.repeat(1 + (number % 300)))
const sha256 = (body: Buffer) => createHash('sha256').update(body).digest('hex')

async function purge({ projectId }: Storm, { core, actor }: StormNode, file: Standing): Promise<void> {
  const [version] = file.path.split('/').slice(-2)
  const row = await core.database.read
    .selectFrom('packages')
    .select('id')
    .where('version', '=', version!)
    .executeTakeFirstOrThrow()
  const reply = await actor.delete(`/api/v4/projects/${projectId}/packages/${row.id}?purge=true`)
  assert.equal(reply.status, 204, await reply.text())
}

async function assertWhole({ actor }: StormNode, { path, body }: Standing): Promise<void> {
  const reply = await actor.get(path)
  const bytes = Buffer.from(await reply.arrayBuffer())
  assert.ok(reply.status === 200 && bytes.equals(body), `${path}: ${reply.status} ${bytes.length} bytes`)
}

/** Until collection has nothing left to do: the servers' own jobs may be at it, too. */
async function settle({ nodes }: Storm): Promise<void> {
  const { core } = nodes[0]!
  const { read } = core.database
  const deadline = Date.now() + 30_000
  for (let left = Infinity; left > 0 && Date.now() < deadline; await sleep(50)) {
    await collectOnce(core)
    const notes = await read.selectFrom('released_blobs').select('id').execute()
    const marked = await read.selectFrom('blobs').select('id').where('marked_at', 'is not', null).execute()
    left = notes.length + marked.length
  }
}

async function assertOnlyReferenced({ nodes }: Storm, standing: readonly Standing[]): Promise<void> {
  const { read } = nodes[0]!.core.database
  const rows = await read.selectFrom('blobs').select(['sha256', 'marked_at']).execute()
  const wanted = new Set(standing.map(({ body }) => sha256(body)))
  assert.deepEqual(rows.map((row) => row.sha256).toSorted(), [...wanted].toSorted())
  assert.deepEqual(await read.selectFrom('released_blobs').selectAll().execute(), [])
}
