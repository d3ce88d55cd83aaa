import { existsSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import type { BlobStore } from './blob-store.ts'
import { joinStores, type Place } from './joined.ts'
import { openLocalStore } from './local.ts'

/**
 * Opens the disk and the bucket that the configuration names, as one store. `writesTo` replaces where new bytes go.
 * Throws `StartRefused`, in one line that says what to do, when one of them cannot be used.
 */
export async function openStore(
  { storagePath, objectStore }: Config['packages'],
  writesTo: Place = objectStore?.enabled ? 'object' : 'local',
): Promise<BlobStore> {
  const usesDisk = writesTo === 'local' || existsSync(storagePath)
  const local = usesDisk ? await openLocalStore(storagePath) : undefined
  if (!objectStore) return joinStores({ local, object: undefined, writesTo: 'local' })
  const { openS3Store } = await import('./s3.ts')
  try {
    return joinStores({ local, object: await openS3Store(objectStore), writesTo })
  } catch (error) {
    await local?.close()
    throw error
  }
}
