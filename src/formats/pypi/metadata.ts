/** Core metadata 1.0 to 2.5 ("Core metadata specifications"), as a distribution brings it. */
import { invalid, tooLarge } from '../../lib/problem.ts'
import { readHeaderText } from './header-text.ts'
import { singleFields, type CoreMetadata } from './models.ts'

/** Largest METADATA or PKG-INFO, in bytes. */
export const maxMetadata = 4 * 1024 * 1024
const versions = ['1.0', '1.1', '1.2', '2.0', '2.1', '2.2', '2.3', '2.4', '2.5']

/** What is kept, in characters: longer descriptions and licenses are cut, all else together is refused beyond it. */
const keptDescription = 64 * 1024
const keptLicense = 16 * 1024
const keptTogether = 512 * 1024
const maxRequiresPython = 255

/** Fields that may occur many times. */
const multiple = [
  'platform',
  'supported-platform',
  'classifier',
  'license-file',
  'project-url',
  'provides-extra',
  'requires-dist',
  'provides-dist',
  'obsoletes-dist',
  'requires-external',
  'requires',
  'provides',
  'obsoletes',
  'dynamic',
  'import-name',
  'import-namespace',
]
/** PyPI's forms and JSON have these in the plural. */
const plurals: Readonly<Record<string, string>> = {
  classifier: 'classifiers',
  'license-file': 'license_files',
  'project-url': 'project_urls',
}
/** What installers go by: two answers to it are one too many. */
const decisive = ['metadata-version', 'name', 'version', 'requires-python']

/** A distribution's own metadata: what it says of itself, and what is kept of that. */
export interface ReadMetadata {
  readonly name: string
  readonly version: string
  readonly requiresPython: string | undefined
  readonly requiresDist: readonly string[]
  readonly kept: CoreMetadata
}

/** Throws 400 for what is no core metadata, 413 for what is unreasonably large. */
export function readMetadata(bytes: Uint8Array): ReadMetadata {
  const { fields, body } = readHeaderText('the metadata of the distribution', bytes)
  for (const key of decisive)
    if ((fields.get(key)?.length ?? 0) > 1) throw invalid(`the metadata has several fields ${key}`)
  const all: Record<string, string | readonly string[]> = {}
  for (const name of singleFields) {
    const value = known(fields.get(name.replaceAll('_', '-'))?.[0])
    if (value !== undefined) all[name] = value
  }
  for (const key of multiple) {
    const values = (fields.get(key) ?? []).flatMap((value) => known(value) ?? [])
    if (values.length > 0) all[plurals[key] ?? key.replaceAll('-', '_')] = values
  }
  const description = body.trim() === '' ? unindented(fields.get('description')?.[0]) : body
  const {
    name,
    version,
    metadata_version: form,
    requires_python: requiresPython,
  } = all as Record<string, string>
  if (!name || !version || !form)
    throw invalid('the metadata lacks a name, a version or its Metadata-Version')
  if (!versions.includes(form)) {
    throw invalid(`Metadata-Version ${form.slice(0, 20)} is not known here; known are ${versions.join(', ')}`)
  }
  if (requiresPython && requiresPython.length > maxRequiresPython)
    throw invalid('Requires-Python is too long')
  const requiresDist = (all['requires_dist'] ?? []) as readonly string[]
  return { name, version, requiresPython, requiresDist, kept: shortened(all, known(description)) }
}

/** Old tools write UNKNOWN where nothing is known. */
function known(value: string | undefined): string | undefined {
  const text = value?.trim()
  return text === '' || text === 'UNKNOWN' ? undefined : text
}

/** In the head, a description's lines stand behind eight columns, or seven and a bar. */
function unindented(text: string | undefined): string | undefined {
  return text?.replaceAll(/\n(?: {8}| {7}\|)/g, '\n')
}

function shortened(all: CoreMetadata, description: string | undefined): CoreMetadata {
  const { description: _, license, ...rest } = all
  const kept: Record<string, string | readonly string[]> = { ...rest }
  if (typeof license === 'string') kept['license'] = cut(license, keptLicense)
  if (JSON.stringify(kept).length > keptTogether)
    throw tooLarge(`the metadata is longer than ${keptTogether} characters, its description aside`)
  if (description !== undefined) kept['description'] = cut(description, keptDescription)
  return kept
}

/** Half of a character outside of the BMP would be no text that other languages read. */
const cut = (text: string, length: number) => text.slice(0, length).toWellFormed()
