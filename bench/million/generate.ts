/** Fills an empty server with many packages, by rows and not by publications. */
import { createHash } from 'node:crypto'
import type { Insertable } from 'kysely'
import type { Database } from '../../src/database/database.ts'
import type { Schema } from '../../src/database/schema.ts'
import type { BlobStore } from '../../src/storage/blob-store.ts'
import { makeOwners, type Owners } from './owners.ts'
import { nameIn, type MadeName } from './packages.ts'
import { createRows } from './rows.ts'
import { setSequences } from './sequences.ts'
import { createRandom, shapeOf, tailVersions, wordsOf } from './shape.ts'

/** What was made, as far as measurements need to know it. */
export interface Made {
  readonly owners: Owners
  /** How long it took. */
  readonly seconds: number
  readonly names: number
  readonly packages: number
  /** A name with very many versions, of each format that has one. */
  readonly big: readonly MadeName[]
  /** Names of five versions each in the probe project. */
  readonly probes: readonly string[]
}

export const probeVersions = 5
const probeNames = 200
const day = 86_400_000

/** Makes `count` packages with three files each. The same count gives the same packages. */
export async function generate(database: Database, blobs: BlobStore, count: number): Promise<Made> {
  const shape = shapeOf(count)
  const random = createRandom(count)
  const began = performance.now()
  const now = Date.now()
  const owners = await makeOwners(database, shape, now - 400 * day)
  const rows = createRows(database, await storeBlobs(database, blobs, shape.blobs, now), {
    now,
    count,
    random,
  })
  const probes = Array.from({ length: probeNames }, (_, index) => `probe-${index}`)
  for (const name of probes) await rows.add({ format: 'npm', place: owners.probe, name }, probeVersions)
  const big: MadeName[] = []
  for (let index = 0; index < shape.bigNames; index++) {
    const place = owners.projects[index]!
    const made = nameIn(place, `big-${index}`, [0.4, 0.2, 0.7, 0.9][index % 4]!)
    big.push(made)
    await rows.add(made, shape.versionsOfBigNames)
  }
  const taken = new Set<string>()
  while (rows.counts.packages < count) {
    const place = owners.projects[Math.floor(owners.projects.length * random() ** 2)]!
    const made = nameIn(place, wordsOf(random), random())
    const key = `${place.id} ${made.format} ${made.name}`
    if (taken.has(key)) continue
    taken.add(key)
    await rows.add(made, Math.min(tailVersions(random), count - rows.counts.packages))
  }
  await rows.end()
  await setSequences(database)
  const seconds = (performance.now() - began) / 1000
  return { owners, seconds, ...rows.counts, big, probes }
}

/** Small files that really have bytes. */
async function storeBlobs(database: Database, blobs: BlobStore, count: number, now: number) {
  const rows: Insertable<Schema['blobs']>[] = []
  for (let id = 1; id <= count; id++) {
    const bytes = Buffer.from(`the bytes of blob ${id}`)
    const { key, size } = await blobs.write(
      (async function* () {
        yield bytes
      })(),
    )
    await blobs.keep(key)
    const digest = (algorithm: string) => createHash(algorithm).update(bytes).digest('hex')
    const digests = {
      md5: digest('md5'),
      sha1: digest('sha1'),
      sha256: digest('sha256'),
      sha512: digest('sha512'),
    }
    rows.push({ id, size, ...digests, storage_key: key, created_at: now })
  }
  await database.write(async (db) => {
    for (let at = 0; at < rows.length; at += 500)
      await db
        .insertInto('blobs')
        .values(rows.slice(at, at + 500))
        .execute()
  })
  return rows.map((row) => ({ id: row.id!, size: Number(row.size) }))
}
