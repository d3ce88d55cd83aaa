/** Binary and source packages for tests, made in code. */
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { writeAr, type WrittenArEntry } from '../../lib/ar-writer.testing.ts'
import { writeTar, type WrittenTarEntry } from '../../lib/tar-writer.testing.ts'

export interface SampleDeb {
  readonly name: string
  readonly version: string
  /** Default: `all`. */
  readonly architecture?: string
  /** Of its one file. */
  readonly content?: string
  /** More lines of its control file. */
  readonly control?: readonly string[]
}

const withoutEpoch = (version: string) => version.replace(/^[0-9]+:/, '')
export const debName = ({ name, version, architecture = 'all' }: SampleDeb, ending = 'deb') =>
  `${name}_${withoutEpoch(version)}_${architecture}.${ending}`

export function controlText({ name, version, architecture = 'all', control = [] }: SampleDeb): string {
  const lines = [
    `Package: ${name}`,
    `Version: ${version}`,
    `Architecture: ${architecture}`,
    'Maintainer: A. Author <author@example.com>',
    ...control,
    `Description: a sample called ${name}`,
    ' It is there to be installed.',
    ' .',
    ' Twice.',
  ]
  return `${lines.join('\n')}\n`
}

/** The entries of a .deb: `change` may spoil them, or the files of its control archive. */
export function sampleDeb(
  sample: SampleDeb,
  change: (entries: WrittenArEntry[]) => readonly WrittenArEntry[] = (entries) => entries,
  changeControl: (files: WrittenTarEntry[]) => readonly WrittenTarEntry[] = (files) => files,
): Buffer {
  const control = [{ name: './', type: '5' }, { name: './control', content: controlText(sample) }]
  const data = [
    { name: './', type: '5' },
    { name: './usr/', type: '5' },
    { name: './usr/share/', type: '5' },
    { name: `./usr/share/${sample.name}`, content: `${sample.content ?? ''}\n` },
  ]
  const entries: WrittenArEntry[] = [
    { name: 'debian-binary', content: '2.0\n' },
    { name: 'control.tar.gz', content: gzipSync(writeTar(changeControl(control))) },
    { name: 'data.tar.gz', content: gzipSync(writeTar(data)) },
  ]
  return writeAr(change(entries))
}

/** A file of an upload. */
export interface SampleFile {
  readonly name: string
  readonly content: Uint8Array
}

/** A native source package: the .dsc and its tarball. */
export function sampleSource({ name, version, content = '' }: SampleDeb): readonly [SampleFile, SampleFile] {
  const stem = `${name}_${withoutEpoch(version)}`
  const folder = `${name}-${withoutEpoch(version)}`
  const tar = writeTar([
    { name: `${folder}/`, type: '5' },
    { name: `${folder}/debian/source/format`, content: '3.0 (native)\n' },
    { name: `${folder}/${name}`, content },
  ])
  const tarball = { name: `${stem}.tar.gz`, content: gzipSync(tar) }
  const lines = [
    'Format: 3.0 (native)',
    `Source: ${name}`,
    `Binary: ${name}`,
    'Architecture: all',
    `Version: ${version}`,
    'Maintainer: A. Author <author@example.com>',
    'Build-Depends: debhelper-compat (= 13)',
    ...listed([tarball]),
  ]
  return [{ name: `${stem}.dsc`, content: Buffer.from(`${lines.join('\n')}\n`) }, tarball]
}

/** The .changes of files, as dpkg-genchanges writes it. */
export function sampleChanges(
  { name, version }: Pick<SampleDeb, 'name' | 'version'>,
  files: readonly SampleFile[],
  { distribution = 'bookworm', section = 'utils' }: { readonly distribution?: string; readonly section?: string } = {},
): SampleFile {
  const lines = [
    'Format: 1.8',
    'Date: Tue, 02 Jan 2024 03:04:05 +0000',
    `Source: ${name}`,
    'Architecture: source all',
    `Version: ${version}`,
    `Distribution: ${distribution}`,
    'Urgency: medium',
    'Maintainer: A. Author <author@example.com>',
    'Changed-By: A. Author <author@example.com>',
    'Changes:',
    ` ${name} (${version}) ${distribution}; urgency=medium`,
    ' .',
    '   * Made by a test.',
    ...listed(files, `${section} optional `),
  ]
  const content = Buffer.from(`${lines.join('\n')}\n`)
  return { name: `${name}_${withoutEpoch(version)}_amd64.changes`, content }
}

/** `between`: what a .changes says of a file between its size and its name. */
function listed(files: readonly SampleFile[], between = ''): readonly string[] {
  const lines = (algorithm: string, more = '') =>
    files.map(({ name, content }) => ` ${digest(algorithm, content)} ${content.length} ${more}${name}`)
  return [
    'Checksums-Sha1:',
    ...lines('sha1'),
    'Checksums-Sha256:',
    ...lines('sha256'),
    'Files:',
    ...lines('md5', between),
  ]
}

export const digest = (algorithm: string, bytes: string | Uint8Array) =>
  createHash(algorithm).update(bytes).digest('hex')
