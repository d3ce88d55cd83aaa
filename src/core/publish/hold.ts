/** Files that come before what they belong to: kept for a day, until a publication names them. */
import type { Db } from '../../database/database.ts'
import type { ProjectRow } from '../../database/schema.ts'
import type { Blob, StagedBlob } from '../../formats/format.ts'
import { invalid } from '../../lib/problem.ts'
import { whoIs } from '../access/readable.ts'
import { openStored } from '../bytes/open-stored.ts'
import { brand, digestsOfBlob, sourceOf } from '../bytes/stored-blob.ts'
import { adoptBlobs } from '../records/blobs.ts'
import { heldBlob, holdBlob, releaseHeld, type HeldUnder } from '../records/held-blobs.ts'
import type { RegistryContext } from '../registry/context.ts'
import { charge } from './charge.ts'
import { checkDisplayName } from './display-name.ts'
import type { Staging } from './stage.ts'

/** The rows behind blobs that `held` handed out. */
const holds = new WeakMap<Blob, number>()

function heldUnder({ format, principal }: RegistryContext, project: ProjectRow, under: string): HeldUnder {
  checkDisplayName('file name', under)
  return { projectId: project.id, format: format.id, holder: whoIs(principal), under }
}

/**
 * Holds staged bytes. They count as stored.
 * @throws Problem 413 `quota_exceeded`, 400 for what is not staged in this request.
 */
export async function holdStaged(
  context: RegistryContext,
  project: ProjectRow,
  staging: Pick<Staging, 'checkTime'>,
  under: string,
  blob: StagedBlob,
): Promise<void> {
  const source = sourceOf(blob)
  if (source?.kind !== 'staged' || source.projectId !== project.id)
    throw invalid('only bytes that were sent just now can be held')
  const at = heldUnder(context, project, under)
  const { size, sha256, digests } = blob
  const { core } = context
  await core.database.write(
    async (db) => {
      staging.checkTime()
      const rows = await adoptBlobs(db, [{ key: source.storageKey, size, sha256, digests }], core.clock())
      const isNew = await holdBlob(db, at, rows.get(sha256)!.id, core.clock())
      if (isNew) await charge(db, project, size)
    },
    { beside: [`held/${project.id}/${at.format}/${under}`] },
  )
}

/** What this caller holds under that; undefined: nothing with this digest. */
export async function findHeld(
  context: RegistryContext,
  project: ProjectRow,
  under: string,
  sha256: string,
): Promise<StagedBlob | undefined> {
  const { core } = context
  const found = await heldBlob(core.database.read, heldUnder(context, project, under), sha256)
  if (!found) return undefined
  const { id, storage_key: storageKey, size, corrupt_at } = found.blob
  const bytes = {
    size,
    sha256,
    digests: digestsOfBlob(found.blob),
    open: (range?: { readonly start: number; readonly end?: number }) =>
      openStored(core, { storageKey, size, sha256 }, range),
  }
  const isDamaged = corrupt_at !== null
  const blob = brand(bytes, { kind: 'row', id, storageKey, projectId: project.id, isDamaged })
  holds.set(blob, found.id)
  return blob
}

/** What these publications name is held no more. Returns how many bytes that were: they are counted anew. */
export function letGo(db: Db, blobs: readonly Blob[]): Promise<number> {
  const ids = blobs.map((blob) => holds.get(blob)).filter((id) => id !== undefined)
  return releaseHeld(db, [...new Set(ids)])
}
