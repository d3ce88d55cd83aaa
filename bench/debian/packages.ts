/** Small packages, different from each other, as tools and our server take them. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sampleDeb } from '../../src/formats/debian/sample-debs.ts'

export interface MadePackage {
  readonly name: string
  readonly version: string
  readonly path: string
  readonly bytes: Buffer
}

const words = ['library', 'server', 'client', 'tools', 'headers', 'plugin', 'module', 'fonts']

/** With a control file of some 600 bytes, as they are in a real suite. */
export async function makePackage(directory: string, number: number): Promise<MadePackage> {
  const word = words[number % words.length]!
  const name = `pkg-${String(number).padStart(6, '0')}-${word}`
  const version = `1.${number % 40}.${number % 7}-${(number % 3) + 1}`
  const fields = [
    'Section: misc',
    'Priority: optional',
    'Installed-Size: 12',
    `Depends: libc6 (>= 2.36), libstdc++6 (>= 12), pkg-${String((number * 7) % 20_000).padStart(6, '0')}-base`,
    `Homepage: https://example.com/${word}/${number}`,
    `Tag: role::${word}, interface::commandline, implemented-in::c, works-with::text-${number % 100}`,
  ]
  const bytes = sampleDeb({ name, version, architecture: 'amd64', fields, packing: '.gz' })
  const path = join(directory, `${name}_${version}_amd64.deb`)
  await writeFile(path, bytes)
  return { name, version, path, bytes }
}
