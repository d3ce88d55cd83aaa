/** A stored manifest as clients see it, with what is derived from the file, the level that was asked, and the standing. */
import type { FileView, PackageView, Tools } from '../format.ts'
import { integrityOf } from './integrity.ts'
import type { NpmModels, StoredManifest } from './manifest.ts'
import { attestationsPath } from './names.ts'

/** A version's JSON text as a packument shows it, in full and abbreviated; undefined for one without its tarball. */
export function manifestTexts(
  pkg: PackageView<NpmModels>,
  links: Tools['links'],
): { readonly full: string; readonly short: string } | undefined {
  const file = pkg.files.find((candidate) => candidate.path.endsWith('.tgz'))
  if (!file) return undefined
  const { metadata, standing } = pkg
  const deprecated = standing ? `,"deprecated":${JSON.stringify(standing.reason ?? 'deprecated')}` : ''
  const rest = `,"dist":${distText(file, links, metadata)}${deprecated}}`
  return { full: metadata.full + rest, short: metadata.short + rest }
}

function distText(file: FileView<NpmModels>, links: Tools['links'], metadata: StoredManifest): string {
  const { sha1, sha512 } = file.digests
  const said = metadata.integrity ?? (sha512 ? integrityOf(sha512) : '')
  const integrity = said === '' ? '' : `"integrity":${JSON.stringify(said)},`
  const shasum = sha1 ? `"shasum":"${sha1}",` : ''
  const extras = metadata.dist + attestationsText(file, links, metadata)
  return `{${integrity}${shasum}"tarball":${JSON.stringify(links.to(file.path))}${extras}}`
}

/** npm takes only the path of the address, and asks the registry it is configured for: it must be one of ours. */
function attestationsText(
  { name, version }: FileView<NpmModels>,
  links: Tools['links'],
  { attestations }: StoredManifest,
): string {
  if (attestations === undefined) return ''
  return `,"attestations":{"url":${JSON.stringify(links.to(attestationsPath(name, version)))}${attestations}}`
}
