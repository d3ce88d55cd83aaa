/**
 * What the name of a distribution says. Wheels: "Binary distribution format" of the Python packaging specifications;
 * source distributions: "Source distribution file name" (PEP 625), and what older tools write (hyphens in the name, zip).
 */
import { invalid } from '../../lib/problem.ts'
import { readName } from './names.ts'
import { readVersion } from './versions.ts'

export interface Distribution {
  readonly kind: 'wheel' | 'sdist'
  readonly fileName: string
  /** Normalised. */
  readonly name: string
  /** PEP 440's normal form. */
  readonly version: string
  /** The file name without its ending. */
  readonly stem: string
  readonly archive: 'zip' | 'tar.gz'
  /** `py3`, or `source`. */
  readonly pythonVersion: string
}

/** Two hundred of the name, and what stands behind it. */
const maxLength = 240
const characters = /^[A-Za-z0-9][A-Za-z0-9._!+-]*$/
const wheel = /^(?<name>[^-]+)-(?<version>[^-]+)(?:-\d[^-]*)?-(?<python>[^-]+)-[^-]+-[^-]+$/
const source = /^(?<name>.+)-(?<version>[^-]+)$/
const endings = { '.whl': 'zip', '.tar.gz': 'tar.gz', '.zip': 'zip' } as const

/** Undefined for what is no file name of a wheel or a source distribution. */
export function readFileName(fileName: string): Distribution | undefined {
  if (fileName.length > maxLength || !characters.test(fileName)) return undefined
  const ending = (Object.keys(endings) as (keyof typeof endings)[]).find((one) => fileName.endsWith(one))
  if (!ending) return undefined
  const stem = fileName.slice(0, -ending.length)
  const kind = ending === '.whl' ? 'wheel' : 'sdist'
  const groups = (kind === 'wheel' ? wheel : source).exec(stem)?.groups
  const name = groups && readName(groups['name']!)
  const version = groups && readVersion(groups['version']!)
  if (name === undefined || version === undefined) return undefined
  const pythonVersion = groups!['python'] ?? 'source'
  return { kind, fileName, name, version, stem, archive: endings[ending], pythonVersion }
}

/** The same; throws 400. */
export function distributionOf(fileName: string): Distribution {
  const found = readFileName(fileName)
  if (!found) {
    throw invalid(
      `file name ${JSON.stringify(fileName.slice(0, 100))} is not allowed: name-version.tar.gz, name-version.zip or a wheel's`,
    )
  }
  return found
}

/** Paths of a distribution in a registry, and of what is served beside it. */
export const filePath = (name: string, fileName: string) => `${name}/${fileName}`
export const metadataPath = (path: string) => `${path}.metadata`
export const provenancePath = (path: string) => `${path}.provenance`

/** The path of the distribution beside which a file is served. */
export function companionOf(path: string): string | undefined {
  return /^(.+)\.(?:metadata|provenance)$/s.exec(path)?.[1]
}

/** The last segment of a path. */
export const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1)
