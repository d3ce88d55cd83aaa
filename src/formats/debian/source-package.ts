/** A source package that came: its .dsc, and the files that this names. */
import { invalid } from '../../lib/problem.ts'
import { readBytes } from '../handlers.ts'
import type { Blob, StagedBlob } from '../format.ts'
import type { Part } from './binary.ts'
import { bring, componentOf, missing, publishedAs, sentBefore, type Upload } from './incoming.ts'
import type { StoredFile } from './models.ts'
import { poolFolder } from './pool.ts'
import { maxSourceFile, readSourceFile, type ListedFile } from './source-files.ts'
import { namedFiles } from './stanza.ts'
import { withoutEpoch } from './versions.ts'

/**
 * Reads the .dsc that an upload lists, and brings what it names; the .dsc is the first part. An upstream tarball that
 * came with another version need not come again. Throws 400 for what contradicts the .changes.
 */
export async function sourceParts(upload: Upload, listed: ListedFile): Promise<readonly Part[]> {
  const { changes, distribution } = upload
  const { source: name, sourceVersion: version } = changes
  const folder = poolFolder({ distribution, name, version })
  const component = componentOf(upload, listed)
  const place = (
    { name: fileName }: Pick<ListedFile, 'name'>,
    blob: Blob,
    metadata: Pick<StoredFile, 'kind' | 'fields' | 'section' | 'priority'>,
  ): Part => ({
    name,
    version,
    file: { path: `${folder}/${fileName}`, blob, metadata: { v: 1, distribution, component, ...metadata } },
  })
  const dsc = await bring(upload, listed, name, async (blob) => {
    const { section, priority } = listed
    const fields = await readDsc(blob, listed, { name, version })
    return place(listed, blob, { kind: 'dsc', fields, section, priority })
  })
  const parts = [dsc]
  for (const named of namedFiles(dsc.file.metadata.fields)) {
    const sent = changes.files.find((file) => file.name === named.name)
    if (sent && (sent.sha256 !== named.sha256 || sent.size !== named.size))
      throw invalid(`${named.name} is another file in the .changes than in the .dsc`)
    const take = (blob: Blob) => place(named, blob, { kind: 'source' })
    parts.push(sent ? await bring(upload, sent, name, take) : take(await sentEarlier(upload, named)))
  }
  return parts
}

async function readDsc(
  blob: StagedBlob,
  listed: ListedFile,
  is: { readonly name: string; readonly version: string },
) {
  const { source, version, paragraph } = readSourceFile(
    'dsc',
    Buffer.from(await readBytes(blob.open(), maxSourceFile)),
  )
  if (
    source !== is.name ||
    version !== is.version ||
    listed.name !== `${source}_${withoutEpoch(version)}.dsc`
  )
    throw invalid(`${listed.name} describes ${source} ${version}, the .changes file ${is.name} ${is.version}`)
  return paragraph
}

/** What only the .dsc names: of any version of the source package in this suite. */
async function sentEarlier(upload: Upload, named: ListedFile): Promise<Blob> {
  const sent = await sentBefore(upload, named)
  if (sent) return sent
  const found = await upload.registry.find(upload.changes.source)
  const file = publishedAs(upload, named, found?.packages.flatMap(({ files }) => files) ?? [])
  if (!file) throw missing(named)
  return file.blob
}
