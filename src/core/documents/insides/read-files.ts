import { storageKeyOf } from '../../records/blobs.ts'
import { insidesSizes, keepInsides, type InsidesFor } from '../../records/file-insides.ts'
import { openStored } from '../../bytes/open-stored.ts'
import { noteDamage } from '../../bytes/stored-bytes.ts'
import { Problem } from '../../../lib/problem.ts'
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

/** Undefined: its bytes are missing or damaged. */
async function readFile(core: Core, what: InsidesFor, file: FileToRead, signal: AbortSignal) {
  const { blobId, path, sha256 } = file
  const storageKey = await storageKeyOf(core.database.read, blobId)
  if (storageKey === undefined) return undefined
  const onDamage = () => noteDamage(core, { storageKey, sha256, path })
  const body = openStored(core, { ...file, storageKey }, undefined, { isWanted: true, onDamage })
  try {
    return await core.insides.read(what, body, signal)
  } catch (error) {
    // They may have been moved a moment ago: then the job comes again.
    const isStill = (await storageKeyOf(core.database.read, blobId)) === storageKey
    const isBad =
      error instanceof StoredBytesMissing || (error instanceof Problem && error.code === 'damaged')
    if (!isBad || !isStill) throw error
    core.log.warn({ path, storageKey, err: error }, 'a file has no good bytes whose insides could be read')
    return undefined
  }
}
