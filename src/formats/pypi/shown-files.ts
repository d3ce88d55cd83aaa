/** The files of a release as indexes show them. */
import type { FileView, Links, PackageView } from '../format.ts'
import { baseName, metadataPath, provenancePath, readFileName } from './file-names.ts'
import type { PypiModels } from './models.ts'
import { readName } from './names.ts'

export interface ShownFile {
  readonly fileName: string
  readonly url: string
  readonly size: number
  readonly uploadedAt: Date
  readonly sha256: string
  readonly md5: string | undefined
  readonly kind: 'wheel' | 'sdist'
  readonly pythonVersion: string
  readonly requiresPython: string | undefined
  /** The reason, which may be empty; undefined: it is not yanked. */
  readonly yanked: string | undefined
  /** Digest of its core metadata, which is served beside it. */
  readonly metadataSha256: string | undefined
  readonly provenanceUrl: string | undefined
}

/** Wheels and source distributions by their names, with what is served beside them. */
export function shownFiles(pkg: PackageView<PypiModels>, links: Links): readonly ShownFile[] {
  const byPath = new Map(pkg.files.map((file) => [file.path, file]))
  return pkg.files.flatMap((file) => showFile(file, pkg, byPath, links) ?? [])
}

function showFile(
  file: FileView<PypiModels>,
  pkg: PackageView<PypiModels>,
  byPath: ReadonlyMap<string, FileView<PypiModels>>,
  links: Links,
): ShownFile | undefined {
  const { kind, requiresPython, yanked } = file.metadata
  const { sha256, md5 } = file.digests
  if ((kind !== 'wheel' && kind !== 'sdist') || sha256 === undefined) return undefined
  const fileName = baseName(file.path)
  const provenance = byPath.get(provenancePath(file.path))
  return {
    fileName,
    url: links.to(`/files/${sha256}/${fileName}`),
    size: file.size,
    uploadedAt: file.createdAt,
    sha256,
    md5,
    kind,
    pythonVersion: readFileName(fileName)?.pythonVersion ?? 'source',
    requiresPython,
    yanked: yanked ?? (pkg.standing?.kind === 'withdrawn' ? (pkg.standing.reason ?? '') : undefined),
    metadataSha256: byPath.get(metadataPath(file.path))?.digests.sha256,
    provenanceUrl: provenance && provenanceLink(pkg, fileName, links),
  }
}

function provenanceLink({ name, version }: PackageView<PypiModels>, fileName: string, links: Links): string {
  return links.to(`/integrity/${readName(name)}/${version}/${fileName}/provenance`)
}
