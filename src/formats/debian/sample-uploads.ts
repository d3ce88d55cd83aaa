/** What clients upload, made in code: packages with some content, source packages, and the .changes of both. */
import { gzipSync } from 'node:zlib'
import { writeTar } from '../../lib/tar-writer.testing.ts'
import { digest, sampleDeb, type SampleDeb } from './sample-debs.ts'

export interface SampleUpload extends Pick<SampleDeb, 'name' | 'version' | 'architecture' | 'fields'> {
  /** Of its one file. */
  readonly content?: string
}

const withoutEpoch = (version: string) => version.replace(/^[0-9]+:/, '')
export const debName = ({ name, version, architecture = 'all' }: SampleUpload, ending = 'deb') =>
  `${name}_${withoutEpoch(version)}_${architecture}.${ending}`

export function debOf({ content = '', ...sample }: SampleUpload, ...change: [Change?]): Buffer {
  const files = [
    { name: './', type: '5' },
    { name: './usr/', type: '5' },
    { name: './usr/share/', type: '5' },
    { name: `./usr/share/${sample.name}`, content: `${content}\n` },
  ]
  return sampleDeb({ ...sample, packing: '.gz', files }, ...change)
}
/** Spoils the members of the archive. */
export type Change = NonNullable<Parameters<typeof sampleDeb>[1]>

/** A file of an upload. */
export interface SampleFile {
  readonly name: string
  readonly content: Uint8Array
}

/** A native source package: the .dsc and its tarball. */
export function sampleSource({
  name,
  version,
  content = '',
}: SampleUpload): readonly [SampleFile, SampleFile] {
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
  { name, version }: Pick<SampleUpload, 'name' | 'version'>,
  files: readonly SampleFile[],
  {
    distribution = 'bookworm',
    section = 'utils',
  }: { readonly distribution?: string; readonly section?: string } = {},
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
