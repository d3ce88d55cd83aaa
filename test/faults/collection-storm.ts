/**
 * Clients upload, purge and upload again the same bytes while collection never stops and deletes of the store are late.
 * Whatever was acknowledged must be whole at every moment, and nothing more may be stored in the end.
 */
import assert from 'node:assert/strict'
import { createHash, randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Db } from '../../src/database/database.ts'
import type { Actor } from '../actor.ts'
import type { LateDeletes } from './late-deletes.ts'

export interface Storm {
  /** Somebody who may publish to, and purge from, the project, at each node: clients take them in turn. */
  readonly nodes: readonly Actor[]
  /** Knows what the stores of all nodes delete. */
  readonly deletes: LateDeletes
  /** The records of all nodes, which collect all the time without a grace period. */
  readonly records: Db
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

/** Runs it, checks that nothing was lost, and says what happened. */
export async function collectionStorm(storm: Storm): Promise<StormCounts> {
  const counts: StormCounts = { uploads: 0, purges: 0, deleted: 0, whileDeleted: 0 }
  const bodies = Array.from({ length: storm.bodies }, (_, number) => makeBody(number))
  const began = Date.now()
  const isOver = () => {
    counts.deleted = storm.deletes.done()
    const past = Date.now() - began
    return past > storm.longest || (past > storm.duration && hasEnough(counts, storm))
  }
  const clients = Array.from({ length: storm.clients }, (_, index) =>
    client(storm, { index, bodies, isOver, counts }),
  )
  const standing = (await Promise.all(clients)).flat()
  await settle(storm)
  for (const node of storm.nodes) for (const file of standing) await assertWhole(node, file)
  await assertOnlyReferenced(storm, standing)
  assert.ok(hasEnough(counts, storm), `${JSON.stringify(counts)} prove too little`)
  return counts
}

const hasEnough = (counts: StormCounts, { enough }: Storm) =>
  counts.deleted >= enough.deleted && counts.whileDeleted >= enough.whileDeleted

/** Some bytes, and how many files have them as far as clients know. */
interface Body {
  readonly bytes: Buffer
  readonly sha256: string
  files: number
}

interface Standing {
  readonly path: string
  readonly body: Body
  /** The package's number. */
  readonly id: number
}

interface Part {
  readonly index: number
  readonly bodies: readonly Body[]
  readonly isOver: () => boolean
  readonly counts: StormCounts
}

/** Publishes one of the bodies, reads one and purges one of its own that stand; until the end. */
async function client(storm: Storm, { index, bodies, isOver, counts }: Part): Promise<Standing[]> {
  const node = storm.nodes[index % storm.nodes.length]!
  const standing: Standing[] = []
  for (let round = 0; !isOver(); round++) {
    const body = chooseBody(storm, bodies)
    body.files += 1
    const path = `${at(storm)}/generic/storm-${index}/${index}.${round}/file.bin`
    const wasGoing = isGoing(storm, body)
    const { package_id: id } = await node.json('PUT', `${path}?select=package_file`, body.bytes)
    counts.uploads += 1
    if (wasGoing || isGoing(storm, body)) counts.whileDeleted += 1
    standing.push({ path, body, id })
    await assertWhole(node, standing[randomInt(standing.length)]!)
    if (standing.length < 3) continue
    const [gone] = standing.splice(randomInt(standing.length), 1)
    const reply = await node.delete(`${at(storm)}/${gone!.id}?purge=true`)
    assert.equal(reply.status, 204, await reply.text())
    gone!.body.files -= 1
    counts.purges += 1
  }
  return standing
}

/** Rather one whose older object is being deleted and that no other file has yet: then it will be deleted again. */
function chooseBody(storm: Storm, bodies: readonly Body[]): Body {
  const going = bodies.filter((body) => body.files === 0 && isGoing(storm, body))
  const among = going.length > 0 && randomInt(5) > 0 ? going : bodies
  return among[randomInt(among.length)]!
}

const isGoing = ({ deletes }: Storm, { sha256 }: Body) => (deletes.underWay.get(sha256) ?? 0) > 0

const at = ({ projectId }: Storm) => `/api/v4/projects/${projectId}/packages`

function makeBody(number: number): Body {
  const bytes = Buffer.from(`body ${number} `.repeat(1 + (number % 300)))
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex'), files: 0 }
}

async function assertWhole(node: Actor, { path, body }: Standing): Promise<void> {
  const reply = await node.get(path)
  const bytes = Buffer.from(await reply.arrayBuffer())
  assert.ok(
    reply.status === 200 && bytes.equals(body.bytes),
    `${path}: ${reply.status} ${bytes.length} bytes`,
  )
}

/** Until collection has nothing left to do. */
async function settle({ records, deletes }: Storm): Promise<void> {
  const deadline = Date.now() + 30_000
  for (let left = Infinity; left > 0 && Date.now() < deadline; await sleep(50)) {
    const notes = await records.selectFrom('released_blobs').select('id').execute()
    const marked = await records.selectFrom('blobs').select('id').where('marked_at', 'is not', null).execute()
    left = notes.length + marked.length + deletes.underWay.values().reduce((sum, one) => sum + one, 0)
  }
}

async function assertOnlyReferenced({ records }: Storm, standing: readonly Standing[]): Promise<void> {
  const rows = await records.selectFrom('blobs').select(['sha256', 'marked_at']).execute()
  const wanted = new Set(standing.map(({ body }) => body.sha256))
  assert.deepEqual(rows.map((row) => row.sha256).toSorted(), [...wanted].toSorted())
  assert.deepEqual(await records.selectFrom('released_blobs').selectAll().execute(), [])
}
