/** Which stored bytes are to be verified, and which files are damaged. */
import { sql } from 'kysely'
import type { Db } from '../../database/database.ts'
import type { BlobRow } from '../../database/schema.ts'

export interface VerifyFilter {
  /** Only what this project's files need. */
  readonly projectId?: number | undefined
  /** Only what was stored since then; milliseconds since 1970. */
  readonly since?: number | undefined
}

export type Verifiable = Pick<BlobRow, 'id' | 'storage_key' | 'size' | 'sha256' | 'corrupt_at'>

function chosen(db: Db, { projectId, since }: VerifyFilter) {
  let query = db.selectFrom('blobs').where('marked_at', 'is', null)
  if (since !== undefined) query = query.where('created_at', '>=', since)
  if (projectId === undefined) return query
  return query.where((eb) =>
    eb.exists(
      eb
        .selectFrom('files')
        .select('files.id')
        .whereRef('files.blob_id', '=', 'blobs.id')
        .where('files.project_id', '=', projectId),
    ),
  )
}

/** The next ones after the blob with number `after`. */
export function toVerify(db: Db, filter: VerifyFilter, after: number, limit: number): Promise<Verifiable[]> {
  return chosen(db, filter)
    .select(['id', 'storage_key', 'size', 'sha256', 'corrupt_at'])
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute()
}

/** How much there is to verify. */
export async function verifiable(db: Db, filter: VerifyFilter): Promise<{ blobs: number; bytes: number }> {
  const row = await chosen(db, filter)
    .select((eb) => [eb.fn.countAll<number>().as('blobs'), eb.fn.sum<number | null>('size').as('bytes')])
    .executeTakeFirstOrThrow()
  return { blobs: Number(row.blobs), bytes: Number(row.bytes ?? 0) }
}

export interface DamagedFile {
  readonly project: string
  readonly format: string
  readonly path: string
  readonly sha256: string
}

/** Files whose stored bytes are known to be damaged. */
export function damagedFiles(db: Db, limit: number): Promise<DamagedFile[]> {
  return db
    .selectFrom('blobs')
    .innerJoin('files', 'files.blob_id', 'blobs.id')
    .innerJoin('projects', 'projects.id', 'files.project_id')
    .select(['projects.full_path as project', 'files.format', 'files.path', 'blobs.sha256'])
    .where('blobs.corrupt_at', 'is not', null)
    .orderBy('projects.full_path')
    .orderBy('files.id')
    .limit(limit)
    .execute()
}

export interface VerifyState {
  readonly after: number
  readonly checked: number
  readonly bytes: number
  readonly damaged: number
  readonly repaired: number
}

const keyOf = (filter: VerifyFilter, sample: number) =>
  `verify ${filter.projectId ?? 'all'} ${filter.since ?? 'ever'} ${sample}`

/** Where an interrupted verification with the same wishes stood. */
export async function verifyState(
  db: Db,
  filter: VerifyFilter,
  sample: number,
): Promise<VerifyState | undefined> {
  const row = await db
    .selectFrom('instance')
    .select('value')
    .where('key', '=', keyOf(filter, sample))
    .executeTakeFirst()
  return row && (JSON.parse(row.value) as VerifyState)
}

/** Remembers where it stands; undefined: it is done. */
export async function saveVerifyState(
  db: Db,
  filter: VerifyFilter,
  sample: number,
  state: VerifyState | undefined,
): Promise<void> {
  const key = keyOf(filter, sample)
  if (!state) return void (await db.deleteFrom('instance').where('key', '=', key).execute())
  const value = JSON.stringify(state)
  await db
    .insertInto('instance')
    .values({ key, value })
    .onConflict((c) => c.column('key').doUpdateSet({ value: sql`excluded.value` }))
    .execute()
}
