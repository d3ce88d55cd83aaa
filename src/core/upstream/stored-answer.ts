import { openStored } from '../bytes/open-stored.ts'
import { noteDamage } from '../bytes/stored-bytes.ts'
import type { Core } from '../core.ts'
import type { KeptDocument } from '../records/upstream-documents.ts'
import type { FetchedDocument } from './fetch-document.ts'
import type { RawAnswer } from './read-documents.ts'

/** The bytes of a kept document. Throws `Problem` 500 where they are damaged: they are marked, and asked for again. */
export async function storedAnswer(
  core: Core,
  { id, upstream_id, key, ...row }: KeptDocument,
): Promise<RawAnswer> {
  const { storage_key: storageKey, size, sha256 } = row.blob
  const onDamage = () => noteDamage(core, { storageKey, sha256, path: `${upstream_id} ${key}` })
  const chunks: Buffer[] = []
  const bytes = openStored(core, { storageKey, size, sha256 }, undefined, { isWanted: true, onDamage })
  for await (const chunk of bytes as AsyncIterable<Buffer>) chunks.push(chunk)
  core.upstreams.uses.documents.note(id, core.clock())
  return {
    bytes: Buffer.concat(chunks),
    encoding: row.encoding,
    changedAt: row.changed_at,
    upstreamId: upstream_id,
    revision: `${upstream_id}.${row.revision}`,
  }
}

/** The bytes of a document, just come or kept. */
export async function rawAnswer(core: Core, document: FetchedDocument): Promise<RawAnswer> {
  return document.answer ?? storedAnswer(core, document.row)
}
