/** Puts a backup back: the records first, then the bytes, each verified. */
import { forgetRestore, replaceKeyId, restoreUnderWay } from '../core/records/instance.ts'
import type { Database } from '../database/database.ts'
import { appliedMigrations, knownMigrations } from '../database/migrate.ts'
import type { OpenOptions } from '../database/open-options.ts'
import { secretKeyId } from '../lib/secrets.ts'
import { StartRefused } from '../lib/start-refused.ts'
import type { BlobStore } from '../storage/blob-store.ts'
import { openBackupDirectory, type BackupDirectory } from './backup-directory.ts'
import { loadTables, sealedIn, settleRestored } from './load-tables.ts'
import { readManifest, type Manifest } from './manifest.ts'
import type { OnProgress } from './progress.ts'
import { giveUpAwaited, restoreBlobs } from './restore-blobs.ts'
import { verifyTable } from './table-files.ts'

export interface RestoreOptions {
  readonly directory: string
  /** Its name; left out: the newest. */
  readonly snapshot?: string | undefined
  /** Opens the database to restore into. */
  openDatabase(options: OpenOptions): Promise<Database>
  /** Opens the store to restore into. */
  openStore(database: Database): Promise<BlobStore>
  /** The key that the restored server will use; undefined: there is none yet. */
  readonly secretKey: string | undefined
  /** Goes on although it is another key than the backup's: what is sealed is lost. */
  readonly newSecretKey: boolean
  /** Finishes without bytes that the backup should have and has not: their files cannot be downloaded. */
  readonly acceptDamage: boolean
  readonly atOnce: number
  readonly signal: AbortSignal
  readonly onProgress?: OnProgress
}

export interface RestoreReport {
  readonly snapshot: string
  readonly manifest: Manifest
  /** Blobs that the backup lacks: their files cannot be downloaded. */
  readonly damaged: Manifest['damaged']
  /** Secrets that cannot be opened any more, by table and column. */
  readonly lostSecrets: ReadonlyMap<string, number>
}

/**
 * Restores a snapshot into an empty database and store, whichever engine and store they are. One that was interrupted
 * goes on when called again. Throws `StartRefused` where it must not begin.
 */
export async function restore(options: RestoreOptions): Promise<RestoreReport> {
  const directory = await openBackupDirectory(options.directory)
  const snapshot = await chooseSnapshot(directory, options.snapshot)
  const folder = directory.snapshotPath(snapshot)
  const manifest = await readManifest(folder)
  refuseNewer(manifest)
  const lostSecrets = await judgeKey(folder, manifest, options)
  for (const table of manifest.tables) await verifyTable(folder, table)
  await loadRecords({ folder, snapshot, manifest }, options)
  const database = await options.openDatabase({})
  try {
    await database.write(settleRestored)
    const damaged = await restoreBytes(database, directory, options)
    refuseDamage(damaged, manifest, options)
    await database.write(async (db) => {
      await giveUpAwaited(db)
      await replaceKeyId(db, options.secretKey && secretKeyId(options.secretKey))
      await forgetRestore(db)
    })
    return { snapshot, manifest, damaged, lostSecrets }
  } finally {
    await database.close()
  }
}

async function chooseSnapshot(directory: BackupDirectory, wanted: string | undefined): Promise<string> {
  const names = await directory.snapshots()
  const chosen = wanted ?? names.at(-1)
  if (chosen === undefined) throw new StartRefused(`${directory.path} holds no finished backup`)
  if (names.includes(chosen)) return chosen
  throw new StartRefused(
    `there is no snapshot ${chosen} in ${directory.path}; there are: ${names.join(', ')}`,
  )
}

function refuseNewer({ migrations, entrepot }: Manifest): void {
  const known = knownMigrations()
  const unknown = migrations.filter((name) => !known.includes(name))
  if (unknown.length === 0) return
  throw new StartRefused(
    `the backup was made by a newer Entrepot (${entrepot}; it has ${unknown.join(', ')}): restore it with that version`,
  )
}

/** What would be lost under the key of this server. Throws `StartRefused` unless that was asked for. */
async function judgeKey(
  folder: string,
  manifest: Manifest,
  { secretKey, newSecretKey }: RestoreOptions,
): Promise<ReadonlyMap<string, number>> {
  const { id } = manifest.secretKey
  const ours = secretKey && secretKeyId(secretKey)
  if (id === null || id === ours) return new Map()
  if (newSecretKey) return sealedIn(folder, manifest)
  const found = ours ? `the one of this server is ${ours}` : 'this server has none yet'
  throw new StartRefused(
    `secret key: the backup belongs to key ${id}, and ${found}. Put the file secret_key of the old server into the ` +
      'data directory (mode 0600), or set secret_key to it. If it is lost, --new-secret-key restores without the ' +
      'secrets sealed under it, which then must be entered again',
  )
}

interface Chosen {
  readonly folder: string
  readonly snapshot: string
  readonly manifest: Manifest
}

/** Unless an earlier attempt has done so. The schema is first as it was at the time of the backup. */
async function loadRecords({ folder, snapshot, manifest }: Chosen, options: RestoreOptions): Promise<void> {
  const wanted = `${snapshot} ${manifest.takenAt}`
  const database = await options.openDatabase({ schema: { upTo: manifest.migrations.at(-1)! } })
  try {
    const underWay = await restoreUnderWay(database.read)
    if (underWay === wanted) return
    if (underWay !== undefined) {
      throw new StartRefused(
        `another restore is unfinished in this database (${underWay}): restore into a new one`,
      )
    }
    await refuseUsed(database, manifest)
    await refuseUsedStore(database, options)
    await loadTables(database, { folder, manifest, restore: wanted }, options.onProgress)
  } finally {
    await database.close()
  }
}

async function refuseUsed(database: Database, { migrations }: Manifest): Promise<void> {
  const applied = await appliedMigrations(database.read)
  if (applied.join() !== migrations.join()) {
    throw new StartRefused('the database is not empty (it has a schema already): restore into a new one')
  }
  for (const { name } of await database.maintenance.tables(database.read)) {
    const row = await database.read
      .selectFrom(name as 'instance')
      .selectAll()
      .$if(name === 'instance', (query) => query.where('key', 'not like', 'schema.%'))
      .limit(1)
      .executeTakeFirst()
    if (row) {
      throw new StartRefused(`the database is not empty (${name} has rows): restore into a new one`)
    }
  }
}

/** What the backup itself calls damaged was lost before it; anything else may still be found in another copy of it. */
function refuseDamage(
  damaged: Manifest['damaged'],
  manifest: Manifest,
  { acceptDamage, directory }: RestoreOptions,
): void {
  const known = new Set(manifest.damaged.map(({ sha256 }) => sha256))
  const lost = damaged.filter(({ sha256 }) => !known.has(sha256))
  if (lost.length === 0 || acceptDamage) return
  const some = lost.slice(0, 10).map(({ sha256, what }) => `  ${sha256}: ${what}`)
  throw new StartRefused(
    `${lost.length} blobs are missing or damaged in ${directory}/blobs; everything else is restored. Put them there ` +
      `from another copy of the backup and run this again, or finish without them by --accept-damage:\n${some.join('\n')}`,
  )
}

async function refuseUsedStore(database: Database, { openStore }: RestoreOptions): Promise<void> {
  const blobs = await openStore(database)
  try {
    if (await blobs.isEmpty()) return
  } finally {
    await blobs.close()
  }
  throw new StartRefused('the storage of packages is not empty: restore into a new directory or bucket')
}

async function restoreBytes(
  database: Database,
  directory: BackupDirectory,
  { atOnce, signal, onProgress = () => {}, openStore }: RestoreOptions,
): Promise<Manifest['damaged']> {
  const blobs = await openStore(database)
  try {
    return await restoreBlobs({ database, blobs, directory, atOnce, signal, onProgress })
  } finally {
    await blobs.close()
  }
}
