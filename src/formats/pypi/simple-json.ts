/** The simple index as JSON (PEP 691, PEP 700). */
import type { ShownFile } from './shown-files.ts'

export function fileJson(file: ShownFile): object {
  const { requiresPython, metadataSha256, yanked } = file
  return {
    filename: file.fileName,
    url: file.url,
    hashes: { sha256: file.sha256 },
    ...(requiresPython !== undefined && { 'requires-python': requiresPython }),
    size: file.size,
    'upload-time': file.uploadedAt.toISOString(),
    yanked: yanked === '' ? true : (yanked ?? false),
    'core-metadata': metadataSha256 === undefined ? false : { sha256: metadataSha256 },
    provenance: file.provenanceUrl ?? null,
  }
}
