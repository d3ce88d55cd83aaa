/** What collection would free, and why it does not free the rest yet. */
import type { Db } from '../../database/database.ts'
import { isKeptApart } from './released-blobs.ts'

export interface Amount {
  readonly blobs: number
  readonly bytes: number
}

export interface CollectionReport {
  /** Packages need them. */
  readonly referenced: Amount
  /** Only removed packages or files need them, which can be restored until then (milliseconds since 1970). */
  readonly restorable: Amount & { readonly until: number | null }
  /** Nothing needs them; they stay for `packages.collect_after`. */
  readonly waiting: Amount & { readonly until: number | null }
  /** Nothing needs them, and nobody noted that yet: the next look at everything will. */
  readonly unnoticed: Amount
  /** Would be deleted now. */
  readonly due: Amount
  /** Deleting has begun, or failed and will be tried again. */
  readonly deleting: Amount
}

export interface CollectionTimes {
  readonly now: number
  /** Both in milliseconds. */
  readonly collectAfter: number
  readonly restoreFor: number
}

const none: Amount = { blobs: 0, bytes: 0 }

/** Looks at every blob: seconds for millions. */
export async function collectionReport(db: Db, times: CollectionTimes): Promise<CollectionReport> {
  const states = await statesOfBlobs(db, times.now - times.collectAfter)
  const amount = (state: string): Amount => states.get(state) ?? none
  const removedAt = await lastRemoval(db)
  const notedAt = await lastNote(db)
  const waiting = amount('waiting')
  const restorable = amount('removed')
  return {
    referenced: amount('live'),
    restorable: {
      ...restorable,
      until: restorable.blobs > 0 && removedAt !== null ? removedAt + times.restoreFor : null,
    },
    waiting: {
      ...waiting,
      until: waiting.blobs > 0 && notedAt !== null ? notedAt + times.collectAfter : null,
    },
    unnoticed: amount('unnoticed'),
    due: amount('due'),
    deleting: amount('marked'),
  }
}

async function statesOfBlobs(db: Db, before: number): Promise<Map<string, Amount>> {
  const rows = await db
    .selectFrom((source) =>
      source
        .selectFrom('blobs')
        .select('size')
        .select((eb) => {
          const files = eb.selectFrom('files').select('files.id').whereRef('files.blob_id', '=', 'blobs.id')
          const notes = eb
            .selectFrom('released_blobs')
            .select('released_blobs.id')
            .whereRef('released_blobs.blob_id', '=', 'blobs.id')
          return eb
            .case()
            .when('marked_at', 'is not', null)
            .then('marked')
            .when(eb.or([eb.exists(files.where('files.live', '=', 1)), isKeptApart(eb)]))
            .then('live')
            .when(eb.exists(files))
            .then('removed')
            .when(eb.exists(notes.where('noted_at', '<=', before)))
            .then('due')
            .when(eb.exists(notes))
            .then('waiting')
            .else('unnoticed')
            .end()
            .as('state')
        })
        .as('states'),
    )
    .select('state')
    .select((eb) => [eb.fn.countAll<number>().as('blobs'), eb.fn.sum<number>('size').as('bytes')])
    .groupBy('state')
    .execute()
  return new Map(
    rows.map((row) => [String(row.state), { blobs: Number(row.blobs), bytes: Number(row.bytes) }]),
  )
}

async function lastRemoval(db: Db): Promise<number | null> {
  const of = (table: 'packages' | 'files') =>
    db
      .selectFrom(table)
      .select((eb) => eb.fn.max<number | null>('removed_at').as('at'))
      .where('removed_at', 'is not', null)
      .executeTakeFirst()
  const times = [(await of('packages'))?.at, (await of('files'))?.at].filter((at) => at != null)
  return times.length > 0 ? Math.max(...times) : null
}

async function lastNote(db: Db): Promise<number | null> {
  const row = await db
    .selectFrom('released_blobs')
    .select((eb) => eb.fn.max<number | null>('noted_at').as('at'))
    .executeTakeFirst()
  return row?.at ?? null
}
