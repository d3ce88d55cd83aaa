import { isOutcomeUnknown } from '../../database/outcome-unknown.ts'
import type { BlobRow } from '../../database/schema.ts'
import type { Core } from '../core.ts'

/**
 * Commits the row that names what was stored under `key`, and settles with storage what became of it: kept, or left over
 * because another row has the same bytes or nothing was committed. What cannot be settled now a sweep does later.
 */
export async function settled<T extends { readonly blob: Pick<BlobRow, 'storage_key'> }>(
  core: Core,
  key: string,
  commit: () => Promise<T>,
): Promise<T> {
  let isNamed: boolean | undefined = false
  try {
    const row = await commit()
    isNamed = row.blob.storage_key === key
    return row
  } catch (error) {
    if (isOutcomeUnknown(error)) isNamed = undefined
    throw error
  } finally {
    await settle(core, key, isNamed)
  }
}

async function settle(core: Core, key: string, isNamed: boolean | undefined): Promise<void> {
  try {
    if (isNamed === true) await core.blobs.keep(key)
    if (isNamed === false) await core.blobs.delete(key)
  } catch (error) {
    core.log.warn({ err: error }, 'storage could not be tidied up after a fetch; a sweep will do it')
  }
}
