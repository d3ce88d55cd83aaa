/** What the name of a file says that Debian's tools make: `<name>_<version>_<architecture>.deb` and its kin. */
import { isArchitecture, isName } from './names.ts'
import { readVersion } from './versions.ts'

export type BinaryKind = 'deb' | 'udeb' | 'ddeb'
/** What a source package is made of: an upstream tarball (perhaps of a component), Debian's own, a diff, or all in one. */
export type SourceKind = 'orig' | 'debian' | 'diff' | 'native'

interface Named {
  readonly fileName: string
  readonly name: string
  /** Without its epoch, which no file name has; of `orig` the upstream version alone. */
  readonly version: string
}
export type DebianFileName =
  | (Named & { readonly kind: BinaryKind; readonly architecture: string })
  | (Named & { readonly kind: 'dsc' })
  | (Named & { readonly kind: 'changes' | 'buildinfo'; readonly label: string })
  | (Named & { readonly kind: SourceKind; readonly component?: string })
  /** A signature that stands beside one of those. */
  | (Named & { readonly kind: 'signature'; readonly of: string })

const maxLength = 255
const compressions = '(?:gz|xz|bz2|lzma|zst)'
const sources: readonly (readonly [kind: SourceKind, rest: RegExp])[] = [
  ['orig', new RegExp(`^(?<version>.+)\\.orig(?:-(?<component>[A-Za-z0-9-]+))?\\.tar\\.${compressions}$`)],
  ['debian', new RegExp(`^(?<version>.+)\\.debian\\.tar\\.${compressions}$`)],
  ['diff', /^(?<version>.+)\.diff\.gz$/],
  ['native', new RegExp(`^(?<version>.+)\\.tar\\.${compressions}$`)],
]

/**
 * A file name that may stand in a list of files: letters, digits and `+.~_-` alone, and so safe in every path and
 * index.
 */
export function isFileName(text: string): boolean {
  return text.length <= maxLength && /^[A-Za-z0-9][A-Za-z0-9+.~_-]*$/.test(text)
}

/** Undefined for what none of Debian's tools calls a file. */
export function readFileName(fileName: string): DebianFileName | undefined {
  if (!isFileName(fileName)) return undefined
  if (fileName.endsWith('.asc')) {
    const of = fileName.slice(0, -'.asc'.length)
    const signed = readFileName(of)
    return signed && signed.kind !== 'signature'
      ? { kind: 'signature', fileName, of, name: signed.name, version: signed.version }
      : undefined
  }
  const at = fileName.indexOf('_')
  const name = fileName.slice(0, Math.max(0, at))
  if (!isName(name)) return undefined
  const rest = fileName.slice(at + 1)
  return (
    readBinary(fileName, name, rest) ?? readUpload(fileName, name, rest) ?? readSource(fileName, name, rest)
  )
}

function readBinary(fileName: string, name: string, rest: string): DebianFileName | undefined {
  const {
    version = '',
    architecture = '',
    kind,
  } = /^(?<version>[^_]+)_(?<architecture>[^_.]+)\.(?<kind>u?deb|ddeb)$/.exec(rest)?.groups ?? {}
  if (kind === undefined || !isBare(version) || !isArchitecture(architecture)) return undefined
  return { kind: kind as BinaryKind, fileName, name, version, architecture }
}

function readUpload(fileName: string, name: string, rest: string): DebianFileName | undefined {
  const {
    version = '',
    label = '',
    kind,
  } = /^(?<version>[^_]+)_(?<label>[A-Za-z0-9+.~_-]+)\.(?<kind>changes|buildinfo)$/.exec(rest)?.groups ?? {}
  if (kind === undefined || !isBare(version)) return undefined
  return { kind: kind as 'changes' | 'buildinfo', fileName, name, version, label }
}

function readSource(fileName: string, name: string, rest: string): DebianFileName | undefined {
  if (rest.endsWith('.dsc')) {
    const version = rest.slice(0, -'.dsc'.length)
    return isBare(version) ? { kind: 'dsc', fileName, name, version } : undefined
  }
  for (const [kind, pattern] of sources) {
    const { version, component } = pattern.exec(rest)?.groups ?? {}
    if (version !== undefined && isBare(version))
      return { kind, fileName, name, version, ...(component !== undefined && { component }) }
  }
  return undefined
}

/** A version as file names say it. */
const isBare = (version: string): boolean => !version.includes(':') && readVersion(version) !== undefined
