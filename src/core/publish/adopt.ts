import type { Db } from '../../database/database.ts'
import type { Blob, Publication } from '../../formats/format.ts'
import { conflict } from '../../lib/problem.ts'
import { sourceOf } from '../bytes/stored-blob.ts'
import { adoptBlobs, lockBlobs, type NewBlob } from '../records/blobs.ts'
import type { Writing } from './writing.ts'

/**
 * The numbers of the rows of all blobs that the publications name: their own, or for staged ones those they get or
 * adopt. Locked until the transaction ends: whatever collection may be doing, the bytes stay.
 * @throws Problem 409 if bytes that stood here when the publication began are being deleted.
 */
export async function adoptAll(
  db: Db,
  { project, now }: Writing,
  publications: readonly Publication<any>[],
): Promise<ReadonlyMap<Blob, number>> {
  const ids = new Map<Blob, number>()
  const staged = new Map<Blob, NewBlob>()
  for (const { blob } of publications.flatMap(({ files }) => files)) {
    const source = sourceOf(blob)
    const isOurs = source?.kind === 'row' || source?.kind === 'staged'
    if (!isOurs || source.projectId !== project.id)
      throw new Error('a blob of another project or of nobody was published')
    if (source.kind === 'row') ids.set(blob, source.id)
    else staged.set(blob, { ...pick(blob), key: source.storageKey })
  }
  if (!(await lockBlobs(db, [...ids.values()])))
    throw conflict('a file that this names was removed meanwhile; repeat the request')
  const rows = await adoptBlobs(db, [...staged.values()], now)
  for (const blob of staged.keys()) ids.set(blob, rows.get(blob.sha256)!.id)
  return ids
}

const pick = ({ size, sha256, digests }: Blob) => ({ size, sha256, digests })
