/** Wheels ("Binary distribution format"): opened once at upload, and refused where installers might see two things in one. */
import { invalid } from '../../lib/problem.ts'
import { checkZip, readZipEntry } from '../../lib/zip-contents.ts'
import { readZipDirectory, type SeekableFile, type ZipEntry } from '../../lib/zip-directory.ts'
import type { Distribution } from './file-names.ts'
import { readHeaderText } from './header-text.ts'
import { maxMetadata } from './metadata.ts'
import { readName } from './names.ts'
import { checkRecord, maxRecord } from './record.ts'
import { decodeUtf8 } from './texts.ts'
import { normalizeVersion, readVersion } from './versions.ts'

/** Of an archive: entries, and bytes of its directory. */
export const zipLimits = { entries: 100_000, bytes: 32 * 1024 * 1024 }
const maxWheelFile = 64 * 1024

/** The bytes of its METADATA. Throws 400 for what is no clean wheel of this name and version, 413 beyond a limit. */
export async function readWheel(file: SeekableFile, distribution: Distribution): Promise<Buffer> {
  const entries = await readZipDirectory(file, zipLimits)
  const folder = infoFolder(entries, distribution)
  const read = (name: string, maxBytes: number) => {
    const entry = entries.find((one) => one.name === `${folder}/${name}`)
    if (!entry) throw invalid(`the wheel has no ${folder}/${name}`)
    return readZipEntry(file, entry, maxBytes)
  }
  const wheel = readHeaderText('WHEEL', await read('WHEEL', maxWheelFile))
  if (!/^1\.\d+$/.test(wheel.fields.get('wheel-version')?.[0]?.trim() ?? ''))
    throw invalid('the wheel is not of version 1 of the format')
  const metadata = await read('METADATA', maxMetadata)
  const text = decodeUtf8('the RECORD of the wheel', await read('RECORD', maxRecord))
  const record = await checkRecord(text, folder, entries)
  await checkZip(file, entries, (entry) => record.take(entry))
  record.finish()
  return metadata
}

/** The one `<name>-<version>.dist-info` at the top. */
function infoFolder(entries: readonly ZipEntry[], { name, version }: Distribution): string {
  const tops = entries.map((entry) => entry.name.split('/', 1)[0]!)
  const folders = [...new Set(tops)].filter((top) => top.toLowerCase().endsWith('.dist-info'))
  const [folder] = folders
  if (folder === undefined || folders.length > 1)
    throw invalid(`the wheel must have one .dist-info folder, not ${folders.length}`)
  if (!isOf(folder.slice(0, -'.dist-info'.length), name, version) || !folder.endsWith('.dist-info'))
    throw invalid(`the folder ${folder.slice(0, 100)} is not that of ${name} ${version}`)
  return folder
}

/** Whether `Foo_Bar-1.0` says this name and version. */
export function isOf(stem: string, name: string, version: string): boolean {
  const at = stem.lastIndexOf('-')
  const said = at < 0 ? undefined : readVersion(stem.slice(at + 1))
  return (
    said !== undefined &&
    normalizeVersion(said) === normalizeVersion(version) &&
    readName(stem.slice(0, at)) === name
  )
}
