/** Debian packages for tests, made in code. */
import { createHash } from 'node:crypto'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { writeAr, type WrittenArEntry } from '../../lib/ar-writer.testing.ts'
import { writeTar, type WrittenTarEntry } from '../../lib/tar-writer.testing.ts'
import { plainBlock, writeXz } from '../../lib/xz-writer.testing.ts'

export interface SampleDeb {
  readonly name: string
  readonly version: string
  /** Default: all. */
  readonly architecture?: string
  /** More lines of its control file. */
  readonly fields?: readonly string[]
  /** Default: one file in /usr/share/doc. */
  readonly files?: readonly WrittenTarEntry[]
  readonly packing?: Packing
}
export type Packing = '' | '.gz' | '.xz' | '.zst'

export const packings: readonly Packing[] = ['', '.gz', '.xz', '.zst']

export function pack(bytes: Uint8Array, packing: Packing): Buffer {
  if (packing === '.gz') return gzipSync(bytes)
  if (packing === '.zst') return zstdCompressSync(bytes)
  return packing === '.xz' ? writeXz({ blocks: [plainBlock(bytes)] }) : Buffer.from(bytes)
}

export function controlText({ name, version, architecture = 'all', fields = [] }: SampleDeb): string {
  const head = [
    `Package: ${name}`,
    `Version: ${version}`,
    `Architecture: ${architecture}`,
    'Maintainer: Ann Example <ann@example.com>',
    ...fields,
    `Description: A sample called ${name}`,
    ' with more to say of it',
  ]
  return `${head.join('\n')}\n`
}

/** The members of a package's archive. */
export function debMembers(sample: SampleDeb): WrittenArEntry[] {
  const { name, packing = '.xz' } = sample
  const control = writeTar([
    { name: './', type: '5' },
    { name: './control', content: controlText(sample) },
    { name: './md5sums', content: '' },
  ])
  const files = sample.files ?? [
    { name: './', type: '5' },
    { name: './usr/share/doc/', type: '5' },
    { name: `./usr/share/doc/${name}`, content: 'read this' },
  ]
  return [
    { name: 'debian-binary', content: '2.0\n' },
    { name: `control.tar${packing}`, content: pack(control, packing) },
    { name: `data.tar${packing}`, content: pack(writeTar(files), packing) },
  ]
}

export function sampleDeb(
  sample: SampleDeb,
  change: (members: WrittenArEntry[]) => readonly WrittenArEntry[] = (members) => members,
): Buffer {
  return writeAr(change(debMembers(sample)))
}

export const digest = (algorithm: string, bytes: string | Uint8Array) =>
  createHash(algorithm).update(bytes).digest('hex')
