/** The OpenPGP keys that sign sets of indexes. */
import type { Db } from '../../database/database.ts'
import type { SigningKeyRow } from '../../database/schema.ts'
import { inPlace, placeColumns, type PlaceOf } from './places.ts'

/** Whose keys: a format's at one place. */
export interface KeysAt {
  readonly place: PlaceOf
  readonly format: string
}

export type NewSigningKey = Pick<SigningKeyRow, 'fingerprint' | 'public_key' | 'private_key' | 'source'>

/** All of them (of one format, where it is said), retired ones too, the oldest first. */
export function signingKeyRows(db: Db, { place, format }: Pick<KeysAt, 'place'> & Partial<KeysAt>) {
  const rows = inPlace(db.selectFrom('signing_keys').selectAll(), place).orderBy('id')
  return format === undefined ? rows : rows.where('format', '=', format)
}

/** Those that sign now, the oldest first. */
export function signingKeysOf(db: Db, at: KeysAt): Promise<SigningKeyRow[]> {
  return signingKeyRows(db, at).where('retired_at', 'is', null).execute()
}

export function insertSigningKey(
  db: Db,
  { place, format }: KeysAt,
  key: NewSigningKey,
  now: number,
): Promise<SigningKeyRow> {
  return db
    .insertInto('signing_keys')
    .values({ ...placeColumns(place), ...key, format, created_at: now, retired_at: null })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** It signs no more. */
export async function retireSigningKey(db: Db, id: number, now: number): Promise<void> {
  await db.updateTable('signing_keys').set({ retired_at: now }).where('id', '=', id).execute()
}
