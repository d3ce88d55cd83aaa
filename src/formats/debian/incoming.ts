/** Where the files of an upload come from: what was sent before the .changes, or was published already. */
import { invalid } from '../../lib/problem.ts'
import type { FileView, Registry, StagedBlob } from '../format.ts'
import type { Part } from './binary.ts'
import type { DebianModels } from './models.ts'
import { fileNameOf } from './pool.ts'
import type { ListedFile, SourceFile } from './source-files.ts'
import { checkComponent } from './suite-names.ts'

/** An upload as its .changes describes it. */
export interface Upload {
  readonly registry: Registry<DebianModels>
  readonly changes: SourceFile
  /** The suite's key. */
  readonly distribution: string
  /** Where all of it goes; undefined: where the sections say. */
  readonly component: string | undefined
}

/** `contrib/net` is a section of the component contrib, `net` one of main. */
export function componentOf({ component }: Upload, { section = '' }: ListedFile): string {
  const slash = section.indexOf('/')
  return component ?? (slash === -1 ? 'main' : checkComponent(section.slice(0, slash)))
}

/**
 * A file of the upload: `make` turns what was sent into it. If that is gone, because the same upload was complete before,
 * the one that was published then, of the package `name`. Throws 400 where there is neither, or where it is another one.
 */
export async function bring(
  upload: Upload,
  listed: ListedFile,
  name: string,
  make: (blob: StagedBlob) => Part | Promise<Part>,
): Promise<Part> {
  const blob = await sentBefore(upload, listed)
  if (blob) return make(blob)
  const { registry, changes } = upload
  const pkg = await registry.get(name, changes.version)
  const file = pkg && publishedAs(upload, listed, pkg.files)
  if (!file) throw missing(listed)
  return { name: file.name, version: file.version, file }
}

export const missing = ({ name, sha256 }: ListedFile) =>
  invalid(`${name} with the SHA-256 ${sha256} is missing: send it before the .changes file`)

/** What was sent under the name and has the size and digests that are listed. */
export async function sentBefore(
  { registry }: Upload,
  { name, size, sha256, md5 }: ListedFile,
): Promise<StagedBlob | undefined> {
  const blob = await registry.held(name, sha256)
  if (blob && (blob.size !== size || (md5 !== undefined && blob.digests.md5 !== md5)))
    throw invalid(`${name} is listed with another size or MD5 digest than it has`)
  return blob
}

/** The same file among published ones of the suite. */
export const publishedAs = (
  { distribution }: Upload,
  { name, sha256 }: ListedFile,
  files: readonly FileView<DebianModels>[],
) =>
  files.find(
    ({ path, blob, metadata }) =>
      metadata.distribution === distribution && blob.sha256 === sha256 && fileNameOf(path) === name,
  )
