/** A file's paragraph in Packages and Sources (Debian's "Repository Format"): what it says of itself, and where it lies. */
import type { FileView } from '../format.ts'
import { linesBelow, valueOf, writeParagraphs, wordsOf, type Field, type Paragraph } from './control.ts'
import type { DebianModels } from './models.ts'
import type { ListedFile } from './source-files.ts'

export type PlacedFile = Pick<FileView<DebianModels>, 'path' | 'size' | 'digests' | 'metadata'>

/** Never from the file itself: only we know them. */
const ours = new Set(['filename', 'size', 'md5sum', 'sha1', 'sha256', 'sha512', 'directory'])
/** Lists of files, to which the .dsc itself is added; digests that we do not have are left out. */
const lists = new Set(['files', 'checksums-sha1', 'checksums-sha256', 'checksums-sha512'])

/** Of a binary package. */
export function binaryStanza({ metadata, path, size, digests }: PlacedFile): string {
  const own = (metadata.fields ?? []).filter(([name]) => !ours.has(name.toLowerCase()))
  return stanza([
    ...own,
    ['Filename', path],
    ['Size', String(size)],
    ['MD5sum', digests.md5 ?? ''],
    ['SHA256', digests.sha256 ?? ''],
  ])
}

/** Of a source package, by its .dsc, whose lists of files must have been read. */
export function sourceStanza({ metadata, path, size, digests }: PlacedFile): string {
  const fields = metadata.fields ?? []
  const own = fields.filter(([name]) => !lists.has(name.toLowerCase()) && !ours.has(name.toLowerCase()))
  const slash = path.lastIndexOf('/')
  const fileName = path.slice(slash + 1)
  const listed = (name: string, digest: string): Field => [
    name,
    `\n ${digest} ${size} ${fileName}${valueOf(fields, name) ?? ''}`,
  ]
  return stanza([
    ...own.map(([name, value]): Field => [name === 'Source' ? 'Package' : name, value]),
    listed('Files', digests.md5 ?? ''),
    listed('Checksums-Sha256', digests.sha256 ?? ''),
    ['Directory', path.slice(0, slash)],
    ...optional('Section', metadata.section),
    ...optional('Priority', metadata.priority),
  ])
}

/** The files that a .dsc names beside itself, by its paragraph. */
export const namedFiles = (fields: Paragraph = []): readonly ListedFile[] =>
  linesBelow(valueOf(fields, 'Checksums-Sha256') ?? '').map((line) => {
    const [sha256 = '', size, name = ''] = wordsOf(line)
    return { name, size: Number(size), sha256 }
  })

const optional = (name: string, value: string | undefined): Paragraph =>
  value === undefined ? [] : [[name, value]]

const stanza = (fields: Paragraph) => `${writeParagraphs([fields])}\n`
