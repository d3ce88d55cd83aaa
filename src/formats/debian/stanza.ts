/** A file's paragraph in Packages and Sources (Debian's "Repository Format"): what it says of itself, and where it lies. */
import type { FileView } from '../format.ts'
import { fieldOf, type DebianModels, type Fields } from './models.ts'

export type File = FileView<DebianModels>

/** Never from the file itself: only we know them. */
const ours = new Set(['filename', 'size', 'md5sum', 'sha1', 'sha256', 'sha512', 'directory'])
/** Lists of files, to which the .dsc itself is added; digests that we do not have are left out. */
const lists = new Set(['files', 'checksums-sha1', 'checksums-sha256', 'checksums-sha512'])

/** Of a binary package. */
export function binaryStanza({ metadata, path, size, digests, blob }: File): string {
  const own = (metadata.fields ?? []).filter(([name]) => !ours.has(name.toLowerCase()))
  return stanza([
    ...own,
    ['Filename', path],
    ['Size', String(size)],
    ['MD5sum', digests.md5 ?? ''],
    ['SHA256', blob.sha256],
  ])
}

/** Of a source package, by its .dsc, whose lists of files must have been read. */
export function sourceStanza({ metadata, path, size, digests, blob }: File): string {
  const fields = metadata.fields ?? []
  const own = fields.filter(([name]) => !lists.has(name.toLowerCase()) && !ours.has(name.toLowerCase()))
  const slash = path.lastIndexOf('/')
  const fileName = path.slice(slash + 1)
  const listed = (name: string, digest: string): Fields[number] => [
    name,
    `\n ${digest} ${size} ${fileName}${fieldOf(fields, name) ?? ''}`,
  ]
  return stanza([
    ...own.map(([name, value]): Fields[number] => [name === 'Source' ? 'Package' : name, value]),
    listed('Files', digests.md5 ?? ''),
    listed('Checksums-Sha256', blob.sha256),
    ['Directory', path.slice(0, slash)],
    ...optional('Section', metadata.section),
    ...optional('Priority', metadata.priority),
  ])
}

/** The files that a .dsc names beside itself. */
export const listedNames = (fields: Fields | undefined): readonly string[] =>
  (fieldOf(fields, 'Files') ?? '')
    .split('\n')
    .flatMap((text) => text.trim().split(/\s+/)[2] ?? [])

const optional = (name: string, value: string | undefined): Fields =>
  value === undefined ? [] : [[name, value]]

const stanza = (fields: Fields) => `${fields.map(line).join('')}\n`

const line = ([name, value]: Fields[number]) =>
  value.startsWith('\n') ? `${name}:${value}\n` : `${name}: ${value}\n`
