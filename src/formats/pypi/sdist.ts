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
export async function readSdist(file: SeekableFile, distribution: Distribution): Promise<Buffer> {
  const read = distribution.archive === 'zip' ? fromZip : fromTar
  const found = await read(file, isInfoOf(distribution))
  if (!found) throw invalid(`the archive has no ${distribution.stem}/PKG-INFO`)
  return found
}

type IsInfo = (path: string) => boolean

async function fromTar(file: SeekableFile, isInfo: IsInfo): Promise<Buffer | undefined> {
  let found: Buffer | undefined
  const bytes = gunzipped(file.open(), unpacked(file.size))
  for await (const { name, kind, size, body } of readTar(bytes, zipLimits)) {
    if ((name === '.' && kind === 'directory') || !isInfo(name)) continue
    if (found || kind !== 'file')
      throw invalid(`the archive has ${name} twice, or as something else than a file`)
    if (size > maxMetadata) throw tooLarge(`${name} is larger than ${maxMetadata} bytes`)
    const pieces: Uint8Array[] = []
    for await (const piece of body) pieces.push(piece)
    found = Buffer.concat(pieces)
  }
  return found
}

async function fromZip(file: SeekableFile, isInfo: IsInfo): Promise<Buffer | undefined> {
  const entries = await readZipDirectory(file, zipLimits)
  await checkZip(file, entries, () => undefined)
  const [found] = entries.filter(({ name }) => isInfo(name))
  return found && readZipEntry(file, found, maxMetadata)
}

/** Tells PKG-INFO's path from others. Throws 400 for one outside of the folder that the first one stands in. */
function isInfoOf({ name, version, stem }: Distribution): IsInfo {
  let folder: string | undefined
  return (path) => {
    const [top = ''] = path.split('/', 1)
    folder ??= isOf(top, name, version) ? top : stem
    if (top !== folder)
      throw invalid(`the archive has ${JSON.stringify(path.slice(0, 100))} outside of the folder ${folder}`)
    return path === `${folder}/PKG-INFO`
  }
}
