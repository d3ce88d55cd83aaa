import { moveBlobs, type MoveCounts } from '../core/bytes/move-blobs.ts'
import { countOutside } from '../core/records/blob-places.ts'
import { StartRefused } from '../lib/start-refused.ts'
import type { Place } from '../storage/joined.ts'
import { openStore } from '../storage/open.ts'
import { WrongCall, type Command } from './command.ts'
import { withDatabase } from './open.ts'

/** Between lines about the progress, in milliseconds. */
const everyMs = 5000

export const storageMigrate: Command = {
  name: 'storage migrate',
  summary: 'move the bytes of packages to the disk or to the bucket',
  usage: '<local|object>',
  help: `Moves the bytes of all packages to the disk (packages.storage_path) or to the bucket (packages.object_store),
while the server runs. Set packages.object_store.enabled first and restart the server, so that new packages go there,
too. Called again it goes on where it ended. What was moved stays at its old place, too, until the server's sweep
removes it, after packages.sweep_after. The exit code is 1 if some bytes were missing or damaged.

  entrepot storage migrate object`,
  positionals: ['<local|object>'],
  async run({ values, positionals }, process) {
    const to = placeFrom(positionals[0]!)
    return withDatabase(process, async (database, { packages }) => {
      if (!packages.objectStore)
        throw new StartRefused('storage: no bucket is configured: set packages.object_store.remote_directory')
      if (packages.objectStore.enabled !== (to === 'object'))
        process.err(
          `New packages still go elsewhere: set packages.object_store.enabled to ${to === 'object'} and restart the server.`,
        )
      const blobs = await openStore(packages, to)
      try {
        const all = await countOutside(database.read, to)
        const counts = await moveBlobs(
          { database, blobs },
          {
            to,
            onProgress: progress(all, process.err),
            onFailure: (blob, why) => process.err(`blob ${blob.id} (${blob.sha256}) stays: ${why}`),
          },
        )
        process.out(values.json ? JSON.stringify(counts) : words(counts, to))
        return counts.failed === 0 ? 0 : 1
      } finally {
        await blobs.close()
      }
    })
  },
}

function placeFrom(word: string): Place {
  if (word === 'local' || word === 'object') return word
  throw new WrongCall(`bytes are moved to local or object, not to ${word}`)
}

function progress(all: { blobs: number; bytes: number }, tell: (line: string) => void) {
  let last = performance.now()
  return ({ moved, bytes, failed }: MoveCounts) => {
    if (performance.now() - last < everyMs) return
    last = performance.now()
    tell(`${moved + failed} of ${all.blobs} blobs, ${megabytes(bytes)} of ${megabytes(all.bytes)}`)
  }
}

function words({ moved, bytes, failed }: MoveCounts, to: Place): string {
  const where = to === 'object' ? 'the bucket' : 'the disk'
  const rest = failed === 0 ? '' : `; ${failed} could not be moved`
  return `moved ${moved} blobs (${megabytes(bytes)}) to ${where}${rest}`
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`
