/** A binary package that came: what its control file says of it, and what is kept of that. */
import type { NewFile, StagedBlob } from '../format.ts'
import { readControl } from './deb-file.ts'
import { neededValue, valueOf } from './control.ts'
import type { BinaryKind } from './file-names.ts'
import type { DebianModels } from './models.ts'
import { poolFolder } from './pool.ts'
import { normalizeName } from './names.ts'
import { checkArchitecture } from './suite-names.ts'
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

/** Reads a package. The file is kept under the name that dpkg gives it. Throws 400 for what is none, 413 for a control file beyond the limits. */
export async function readBinary(
  blob: StagedBlob,
  kind: BinaryKind,
  { distribution, component }: Target,
): Promise<BinaryPart> {
  const fields = await readControl(blob.open())
  const needed = (field: string) => neededValue('the control file', fields, field)
  const [name, version] = [normalizeName(needed('Package')), needed('Version')]
  const architecture = checkArchitecture(needed('Architecture'))
  const fileName = `${name}_${withoutEpoch(version)}_${architecture}.${kind}`
  const path = `${poolFolder({ distribution, name, version })}/${fileName}`
  return {
    name,
    version,
    source: (valueOf(fields, 'Source') ?? name).replace(/[\s(].*$/s, ''),
    file: { path, blob, metadata: { v: 1, kind, distribution, component, architecture, fields } },
  }
}
