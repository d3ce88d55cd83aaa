/** The files of releases as indexes show them. */
import { inTurns } from '../../lib/turn.ts'
import type { FileView, Links, PackageView } from '../format.ts'
import { baseName, metadataPath, provenancePath } from './file-names.ts'
import type { PypiModels } from './models.ts'
import { readName } from './names.ts'

export interface ShownFile {
  /** Of its release. */
  readonly version: string
  readonly fileName: string
  readonly url: string
  readonly size: number
  readonly uploadedAt: Date
  readonly sha256: string
  readonly md5: string | undefined
  readonly kind: 'wheel' | 'sdist'
  readonly requiresPython: string | undefined
  /** The reason, which may be empty; undefined: it is not yanked. */
  readonly yanked: string | undefined
  /** Digest of its core metadata, which is served beside it. */
  readonly metadataSha256: string | undefined
  readonly provenanceUrl: string | undefined
}

interface StoredFileView {
  readonly file: FileView<PypiModels>
  readonly pkg: PackageView<PypiModels>
  /** All files of the release. */
  readonly byPath: ReadonlyMap<string, FileView<PypiModels>>
}

/** Wheels and source distributions, release by release, with what is served beside them. */
export async function shownFiles(
  packages: readonly PackageView<PypiModels>[],
  links: Links,
): Promise<readonly ShownFile[]> {
  const stored = await inTurns(packages, (pkg): StoredFileView[] => {
    const byPath = new Map(pkg.files.map((file) => [file.path, file]))
    return pkg.files.map((file) => ({ file, pkg, byPath }))
  })
  return (await inTurns(stored.flat(), (one) => showFile(one, links) ?? [])).flat()
}

function showFile({ file, pkg, byPath }: StoredFileView, links: Links): ShownFile | undefined {
  const { kind, requiresPython, yanked } = file.metadata
  const { sha256, md5 } = file.digests
  if ((kind !== 'wheel' && kind !== 'sdist') || sha256 === undefined) return undefined
  const { name, version, standing } = pkg
  const fileName = baseName(file.path)
  const hasProvenance = byPath.has(provenancePath(file.path))
  return {
    version,
    fileName,
    url: links.to(`/files/${sha256}/${fileName}`),
    size: file.size,
    uploadedAt: file.createdAt,
    sha256,
    md5,
    kind,
    requiresPython,
    yanked: yanked ?? (standing?.kind === 'withdrawn' ? (standing.reason ?? '') : undefined),
    metadataSha256: byPath.get(metadataPath(file.path))?.digests.sha256,
    provenanceUrl: hasProvenance
      ? links.to(`/integrity/${readName(name)}/${version}/${fileName}/provenance`)
      : undefined,
  }
}
