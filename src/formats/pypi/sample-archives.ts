/** Distributions for tests, made in code. */
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { writeTar, type WrittenTarEntry } from '../../lib/tar-writer.testing.ts'
import { writeZip, type WrittenEntry, type WrittenZip } from '../../lib/zip-writer.testing.ts'

export interface SampleDistribution {
  readonly name: string
  readonly version: string
  /** Of its one module. */
  readonly content?: string
  /** More lines of its metadata. */
  readonly metadata?: readonly string[]
}

const spelled = (name: string) => name.toLowerCase().replace(/[-_.]+/g, '_')
const stemOf = ({ name, version }: SampleDistribution) => `${spelled(name)}-${version}`
export const wheelName = (sample: SampleDistribution) => `${stemOf(sample)}-py3-none-any.whl`
export const sdistName = (sample: SampleDistribution) => `${stemOf(sample)}.tar.gz`

export function metadataText({ name, version, metadata = [] }: SampleDistribution): string {
  const head = [
    'Metadata-Version: 2.4',
    `Name: ${name}`,
    `Version: ${version}`,
    `Summary: A sample called ${name}`,
  ]
  return `${[...head, ...metadata].join('\n')}\n\n# ${name}\n`
}

/** What is in a wheel before its RECORD. */
export function wheelFiles(sample: SampleDistribution): WrittenEntry[] {
  const folder = `${stemOf(sample)}.dist-info`
  return [
    { name: `${spelled(sample.name)}.py`, content: `content = ${JSON.stringify(sample.content ?? '')}\n` },
    { name: `${folder}/METADATA`, content: metadataText(sample) },
    { name: `${folder}/WHEEL`, content: 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n' },
  ]
}

export function recordOf(files: readonly WrittenEntry[], folder: string): WrittenEntry {
  const lines = files.map(({ name, content }) => {
    const digest = createHash('sha256').update(content).digest('base64url')
    return `${name},sha256=${digest},${Buffer.byteLength(content)}\n`
  })
  return { name: `${folder}/RECORD`, content: `${lines.join('')}${folder}/RECORD,,\n` }
}

export function sampleWheel(
  sample: SampleDistribution,
  change: (files: WrittenEntry[]) => readonly WrittenEntry[] = (files) => files,
  odd?: WrittenZip,
): Buffer {
  const files = wheelFiles(sample)
  return writeZip(change([...files, recordOf(files, `${stemOf(sample)}.dist-info`)]), odd)
}

export function sampleSdist(
  sample: SampleDistribution,
  change: (files: WrittenTarEntry[]) => readonly WrittenTarEntry[] = (files) => files,
): Buffer {
  const folder = stemOf(sample)
  const files: WrittenTarEntry[] = [
    { name: `${folder}/`, type: '5' },
    { name: `${folder}/PKG-INFO`, content: metadataText(sample) },
    { name: `${folder}/${spelled(sample.name)}.py`, content: sample.content ?? '' },
  ]
  return gzipSync(writeTar(change(files)))
}

export const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex')
