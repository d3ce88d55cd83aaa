import { storageKeyOf } from '../../records/blobs.ts'
import { insidesSizes, keepInsides, type InsidesFor } from '../../records/file-insides.ts'
import { openStored } from '../../bytes/open-stored.ts'
import { StoredBytesMissing } from '../../../storage/blob-store.ts'
import type { Core } from '../../core.ts'
import type { FileToRead } from './files-to-read.ts'

/** Reads those of these files that were not read yet, one after the other, and keeps what they have. */
export async function readFiles(
  core: Core,
  what: InsidesFor,
  files: readonly FileToRead[],
  signal: AbortSignal,
): Promise<void> {
  const byBlob = new Map(files.map((file) => [file.blobId, file]))
  const known = await insidesSizes(core.database.scan, what, [...byBlob.keys()])
  for (const [blobId, file] of byBlob) {
    signal.throwIfAborted()
    if (known.has(blobId)) continue
    const insides = await readFile(core, what, file, signal)
    if (!insides) continue
    if (insides.problem !== null)
      core.log.warn({ path: file.path, problem: insides.problem }, 'the insides of a file could not be read')
    await core.database.write((db) => keepInsides(db, what, blobId, insides), {
      beside: [`insides-of/${blobId}`],
    })
  }
}

/** Undefined: there are no bytes, which `entrepot verify` tells of. */
async function readFile(core: Core, what: InsidesFor, file: FileToRead, signal: AbortSignal) {
  const storageKey = await storageKeyOf(core.database.read, file.blobId)
  if (storageKey === undefined) return undefined
  try {
    return await core.insides.read(what, openStored(core, { ...file, storageKey }), signal)
  } catch (error) {
    if (!(error instanceof StoredBytesMissing)) throw error
    // They may have been moved a moment ago: then the job comes again.
    if ((await storageKeyOf(core.database.read, file.blobId)) !== storageKey) throw error
    core.log.warn({ path: file.path, storageKey }, 'a file has no bytes whose insides could be read')
    return undefined
  }
}
