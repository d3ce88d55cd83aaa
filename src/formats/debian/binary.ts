/** A binary package that came: where it is kept, and what is kept of its control file. */
import type { NewFile, StagedBlob } from '../format.ts'
import { readDebFile } from './deb-file.ts'
import type { BinaryKind } from './file-names.ts'
import type { DebianModels } from './models.ts'
import { poolFolder } from './pool.ts'
import { withoutEpoch } from './versions.ts'

/** Where it is published. */
export interface Target {
  /** The suite's key. */
  readonly distribution: string
  readonly component: string
}
/** A file, and the package that it belongs to. */
export interface Part {
  readonly name: string
  readonly version: string
  readonly file: NewFile<DebianModels>
}
export interface BinaryPart extends Part {
  /** The name of the source package that it was built from. */
  readonly source: string
}

/** The file is kept under the name that dpkg gives it. Throws 400 for what is no clean package, 413 beyond a limit. */
export async function readBinary(
  blob: StagedBlob,
  kind: BinaryKind,
  { distribution, component }: Target,
): Promise<BinaryPart> {
  const { name, version, architecture, source, control: fields } = await readDebFile(blob)
  const fileName = `${name}_${withoutEpoch(version)}_${architecture}.${kind}`
  const path = `${poolFolder({ distribution, name, version })}/${fileName}`
  const metadata = { v: 1, kind, distribution, component, architecture, fields } as const
  return { name, version, source: source.name, file: { path, blob, metadata } }
}
