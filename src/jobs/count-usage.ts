import { setImmediate } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Core } from '../core/core.ts'
import { heldSizes } from '../core/records/held-blobs.ts'
import { sumUpUsage, usageBelow, usageOfAll } from '../core/records/usage.ts'
import type { Db } from '../database/database.ts'
import type { JobKind } from './job.ts'

/** So many numbers of files are counted in one statement: a few milliseconds. */
const filesAtOnce = 2000

/** So many notes of publications are summed up in one transaction. */
const notesAtOnce = 5000

/** Keeps the notes few that publications make of what they add to projects without a limit. */
export const sumUp: JobKind = {
  kind: 'sum-up-usage',
  every: 60_000,
  async run({ database }, _key, signal) {
    const some = () => database.write((db) => sumUpUsage(db, notesAtOnce), { beside: ['statistics'] })
    while (!signal.aborted && (await some()));
  },
}

/**
 * Counts again what projects and groups hold, and repairs what the running totals have wrong. A project that changes
 * while it is counted is left to the next time.
 */
export const countUsage: JobKind = {
  kind: 'statistics',
  every: 86_400_000,
  async run(core, _key, signal) {
    const first = await drifts(core, signal)
    // Two changes that happen to cancel out look like none: what is seen twice is real.
    const second = first.size > 0 ? await drifts(core, signal) : first
    for (const [id, drift] of second) if (first.get(id) === drift) await repairProject(core, id, drift)
    await repairGroups(core)
  },
}

/** By project, how many bytes more there are than the total says. */
async function drifts(core: Core, signal: AbortSignal): Promise<Map<number, number>> {
  const { read } = core.database
  const before = await usageOfAll(read)
  const counted = new Map<number, number>()
  for (let after = 0, last = await lastFile(read); after < last; after += filesAtOnce) {
    if (signal.aborted) return new Map()
    for (const { project_id: id, bytes } of await countFiles(read, after))
      counted.set(id, (counted.get(id) ?? 0) + Number(bytes))
    await setImmediate()
  }
  for (const { id, bytes } of await heldSizes(read)) counted.set(id, (counted.get(id) ?? 0) + bytes)
  const found = new Map<number, number>()
  for (const [id, total] of await usageOfAll(read)) {
    const drift = (counted.get(id) ?? 0) - total
    if (drift !== 0 && before.get(id) === total) found.set(id, drift)
  }
  return found
}

async function lastFile(db: Db): Promise<number> {
  const row = await db.selectFrom('files').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst()
  return row?.id ?? 0
}

function countFiles(db: Db, after: number) {
  return db
    .selectFrom('files')
    .innerJoin('blobs', 'blobs.id', 'files.blob_id')
    .select(['files.project_id', sql<number>`sum(blobs.size)`.as('bytes')])
    .where('files.id', '>', after)
    .where('files.id', '<=', after + filesAtOnce)
    .groupBy('files.project_id')
    .execute()
}

async function repairProject(core: Core, id: number, drift: number): Promise<void> {
  await core.database.write(
    (db) =>
      db
        .updateTable('projects')
        .set((eb) => ({ packages_size: eb('packages_size', '+', drift) }))
        .where('id', '=', id)
        .execute(),
    { beside: ['statistics'] },
  )
  core.log.warn({ project: id, bytes: drift }, 'the total size of a project was wrong and is repaired')
}

/** Of those that have a limit. */
async function repairGroups(core: Core): Promise<void> {
  const groups = await core.database.read
    .selectFrom('groups')
    .select('id')
    .where('packages_size_limit', 'is not', null)
    .execute()
  for (const { id } of groups) {
    const drift = await core.database.write((db) => recountGroup(db, id))
    if (drift !== 0)
      core.log.warn({ group: id, bytes: drift }, 'the total size of a group was wrong and is repaired')
  }
}

/** Beside no publication. Returns by how much it was wrong. */
async function recountGroup(db: Db, id: number): Promise<number> {
  const bytes = await usageBelow(db, id)
  const { packages_size: before } = await db
    .selectFrom('groups')
    .select('packages_size')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  if (bytes === before) return 0
  await db.updateTable('groups').set({ packages_size: bytes }).where('id', '=', id).execute()
  return bytes - before
}
