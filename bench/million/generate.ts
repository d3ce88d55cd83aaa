/** Fills an empty server with many packages, by rows and not by publications. */
import { createHash } from 'node:crypto'
import type { Insertable } from 'kysely'
import type { Database } from '../../src/database/database.ts'
import type { Schema } from '../../src/database/schema.ts'
import type { BlobStore } from '../../src/storage/blob-store.ts'
import { createBulk, type Bulk } from './bulk.ts'
import { makeOwners, type Owners } from './owners.ts'
import { entryOf, modelOf, nameIn, pathsOf, type MadeName } from './packages.ts'
import { setSequences } from './sequences.ts'
import { createRandom, shapeOf, tailVersions, versionAt, wordsOf } from './shape.ts'

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

/** Small files that really have bytes. The numbers of their rows. */
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
  return rows.map((row) => row.id!)
}

interface Settings {
  readonly now: number
  readonly count: number
  readonly random: () => number
}

const tables = [
  'names',
  'packages',
  'files',
  'tags',
  'tombstones',
  'entries',
  'index_revisions',
  'events',
] as const

function createRows(database: Database, blobIds: readonly number[], { now, count, random }: Settings) {
  const bulk = createBulk(database, tables)
  const counts = { names: 0, packages: 0 }
  const indexes = new Set<string>()
  const blob = () => blobIds[Math.floor(random() * blobIds.length)]!

  async function add(made: MadeName, versions: number): Promise<void> {
    counts.names += 1
    const { place, format, name } = made
    const first = now - 300 * day + Math.floor((299 * day * counts.packages) / count)
    const versionsAt = Array.from({ length: versions }, (_, index) => first + index * 60_000)
    bulk.add('names', {
      id: counts.names,
      project_id: place.id,
      root_id: place.rootId,
      format,
      key: name,
      name,
      revision: versions,
      created_at: first,
      changed_at: versionsAt.at(-1)!,
    })
    for (const [index, at] of versionsAt.entries()) {
      addPackage(made, versionAt(index + 1), at, index === versions - 1)
      await bulk.flushSome()
    }
  }

  function addPackage(made: MadeName, version: string, at: number, isLast: boolean): void {
    const { place, format, name } = made
    counts.packages += 1
    const share = isLast ? 1 : random()
    const status =
      share < 0.01 ? 'pending_destruction' : share < 0.02 ? 'hidden' : share < 0.05 ? 'deprecated' : 'default'
    const isRemoved = status === 'pending_destruction'
    const id = counts.packages
    const model = modelOf(made, version)
    bulk.add('packages', {
      id,
      project_id: place.id,
      name_id: counts.names,
      format,
      version,
      version_key: version,
      status,
      status_before: isRemoved ? 'default' : null,
      status_message: status === 'deprecated' ? 'use another one' : null,
      metadata: model === undefined ? null : JSON.stringify(model),
      created_at: at,
      updated_at: at,
      removed_at: isRemoved ? now : null,
    })
    addFiles(made, version, { id, at, isRemoved })
    if (isLast && format === 'npm') {
      bulk.add('tags', { name_id: counts.names, tag: 'latest', package_id: id, changed_at: at })
    }
    addEntry(made, id, at)
    addEvent(bulk, made, version, at)
  }

  function addFiles(
    made: MadeName,
    version: string,
    { id, at, isRemoved }: { readonly id: number; readonly at: number; readonly isRemoved: boolean },
  ): void {
    const paths = pathsOf(made, version)
    for (const [index, path] of paths.entries()) {
      bulk.add('files', {
        id: 3 * (id - 1) + index + 1,
        package_id: id,
        project_id: made.place.id,
        format: made.format,
        path,
        blob_id: blob(),
        live: isRemoved ? 0 : 1,
        created_at: at,
      })
    }
    if (!isRemoved) return
    const digests = JSON.stringify(Object.fromEntries(paths.map((path) => [path, 'f'.repeat(64)])))
    const row = { name_id: counts.names, version, version_key: version, digests, removed_at: now }
    bulk.add('tombstones', row)
  }

  function addEntry(made: MadeName, packageId: number, at: number): void {
    const entry = entryOf(made)
    if (!entry) return
    const where = { project_id: made.place.id, format: made.format, rule: entry.rule, key: entry.key }
    bulk.add('entries', { ...where, package_id: packageId, entry_id: entry.entry_id, text: entry.text })
    const index = `${made.place.id} ${entry.key}`
    if (indexes.has(index)) return
    indexes.add(index)
    bulk.add('index_revisions', { ...where, revision: 1, changed_at: at })
  }
  return { add, counts, end: () => bulk.flush() }
}

function addEvent(bulk: Bulk, { place, format, name }: MadeName, version: string, at: number): void {
  const where = { project_id: place.id, format, name, version }
  bulk.add('events', { at, kind: 'package.published', ...where, actor: 'root', request_id: null })
}
