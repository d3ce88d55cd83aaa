/** Source distributions ("Source distribution format"): one folder `<name>-<version>` with PKG-INFO in it. */
import { gunzipped } from '../../lib/gunzip-stream.ts'
import { invalid, tooLarge } from '../../lib/problem.ts'
import { readTar } from '../../lib/tar.ts'
import { checkZip, readZipEntry } from '../../lib/zip-contents.ts'
import { readZipDirectory, type SeekableFile } from '../../lib/zip-directory.ts'
import type { Distribution } from './file-names.ts'
import { maxMetadata } from './metadata.ts'
import { isOf, zipLimits } from './wheel.ts'

/** How large an archive of so many bytes may be once unpacked. */
const unpacked = (size: number) => Math.min(64 * 1024 * 1024 + 100 * size, 8 * 1024 ** 3)

/** The bytes of its PKG-INFO. Throws 400 for what is no clean archive of this name and version, 413 beyond a limit. */
export function readSdist(file: SeekableFile, distribution: Distribution): Promise<Buffer> {
  return distribution.archive === 'zip' ? fromZip(file, distribution) : fromTar(file, distribution)
}

async function fromTar(file: SeekableFile, distribution: Distribution): Promise<Buffer> {
  let found: Buffer | undefined
  const bytes = gunzipped(file.open(), unpacked(file.size))
  for await (const { name, kind, size, body } of readTar(bytes, zipLimits)) {
    if (name === '.' && kind === 'directory') continue
    const top = topOf(name, distribution)
    if (name !== `${top}/PKG-INFO`) continue
    if (found || kind !== 'file')
      throw invalid(`the archive has ${name} twice, or as something else than a file`)
    if (size > maxMetadata) throw tooLarge(`${name} is larger than ${maxMetadata} bytes`)
    const pieces: Uint8Array[] = []
    for await (const piece of body) pieces.push(piece)
    found = Buffer.concat(pieces)
  }
  return found ?? missing(distribution)
}

async function fromZip(file: SeekableFile, distribution: Distribution): Promise<Buffer> {
  const entries = await readZipDirectory(file, zipLimits)
  await checkZip(file, entries, () => undefined)
  const found = entries.find(({ name }) => name === `${topOf(name, distribution)}/PKG-INFO`)
  return found ? readZipEntry(file, found, maxMetadata) : missing(distribution)
}

/** The folder that all stands in. */
function topOf(path: string, { name, version, stem }: Distribution): string {
  const [top = ''] = path.split('/', 1)
  if (top !== stem && !isOf(top, name, version))
    throw invalid(`the archive has ${JSON.stringify(path.slice(0, 100))} outside of the folder ${stem}`)
  return top
}

function missing({ stem }: Distribution): never {
  throw invalid(`the archive has no ${stem}/PKG-INFO`)
}
