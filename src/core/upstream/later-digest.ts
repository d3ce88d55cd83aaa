import { createHash } from 'node:crypto'
import type { Digest, Digests } from '../../formats/format.ts'
import { openStored } from '../bytes/open-stored.ts'
import { digestsOfBlob } from '../bytes/stored-blob.ts'
import { noteDamage } from '../bytes/stored-bytes.ts'
import type { Core } from '../core.ts'
import { noteDigest } from '../records/blobs.ts'
import type { KeptBlob } from '../records/upstream-files.ts'

/**
 * The digests of a kept file, with one that may not have been worked out when its bytes came: that is noted then. Throws
 * `Problem` 500 where the bytes are damaged: they are marked, and fetched again.
 */
export async function withDigest(
  core: Core,
  blob: KeptBlob,
  { path, digest }: { readonly path: string; readonly digest: Digest | undefined },
): Promise<Digests> {
  const known = digestsOfBlob(blob)
  if (digest === undefined || known[digest] !== undefined) return known
  const { storage_key: storageKey, size, sha256 } = blob
  const onDamage = () => noteDamage(core, { storageKey, sha256, path })
  const hash = createHash(digest)
  const bytes = openStored(core, { storageKey, size, sha256 }, undefined, { isWanted: true, onDamage })
  for await (const chunk of bytes as AsyncIterable<Buffer>) hash.update(chunk)
  const found = hash.digest('hex')
  await core.database.write((db) => noteDigest(db, blob.id, digest, found), { beside: [] })
  return { ...known, [digest]: found }
}
