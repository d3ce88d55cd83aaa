/** Binary packages (deb(5)): `.deb`, `.udeb` and `.ddeb` are of one form. */
import { readAr, readArRest, type ArEntry } from '../../lib/ar.ts'
import { decompressed } from '../../lib/decompress.ts'
import { invalid, tooLarge } from '../../lib/problem.ts'
import { readTar } from '../../lib/tar.ts'
import type { SeekableFile } from '../../lib/zip-directory.ts'
import { neededValue, parseParagraph, valueOf, type Paragraph } from './control.ts'
import { normalizeName, readSourceName } from './names.ts'
import { checkArchitecture } from './suite-names.ts'
import { versionOf } from './versions.ts'

export interface DebFile {
  readonly control: Paragraph
  readonly name: string
  readonly version: string
  /** `all`, or the one it was built for. */
  readonly architecture: string
  /** The source package that it was built from: the same name and version where it names no other. */
  readonly source: { readonly name: string; readonly version: string }
  /** What else brings instructions for dpkg: maintainer scripts, `conffiles`, `triggers` ... by name. */
  readonly controlFiles: readonly string[]
  readonly data: DataMember
}
/** Where the packed files lie in a package. */
export interface DataMember {
  /** `data.tar`, perhaps with the ending of its compression. */
  readonly name: string
  /** Both in bytes. */
  readonly offset: number
  readonly size: number
}
/** Largest control file, in bytes. */
export const maxControl = 256 * 1024
const maxControlTar = 16 * 1024 * 1024
const controlEntries = 5000
const maxMembers = 20
const maxFormat = 1024
const controlName = /^control\.tar(?:\.[a-z0-9]+)?$/
const dataName = /^data\.tar(?:\.[a-z0-9]+)?$/
const packings = ['.tar', '.tar.gz', '.tar.xz', '.tar.zst']
/** What dpkg adds to the version, under the names that it had, and what it takes from no package. */
const refused = [
  'Revision',
  'Package-Revision',
  'Package_Revision',
  'Status',
  'Config-Version',
  'Triggers-Pending',
  'Triggers-Awaited',
]

/**
 * Reads a package without its files. Throws 400 for what is no clean package: members in another order or twice, other
 * ones but those that begin with an underscore, a control file that is none; 413 beyond a limit.
 */
export async function readDebFile(file: SeekableFile): Promise<DebFile> {
  const { data, ...read } = await readMembers(file.open(), async (found) => found)
  const member = { name: data.name, offset: data.offset, size: data.size }
  await checkEnd(file, member)
  return { ...read, ...describe(read.control), data: member }
}

type Members = Pick<DebFile, 'control' | 'controlFiles'> & { readonly data: ArEntry }

/** Up to where the files begin, which `work` may go on to read. Throws as `readDebFile`. */
export async function readMembers<T>(
  body: AsyncIterable<Uint8Array>,
  work: (members: Members) => Promise<T>,
): Promise<T> {
  let isFirst = true
  let found: Omit<Members, 'data'> | undefined
  for await (const member of readAr(body, { entries: maxMembers })) {
    const { name } = member
    if (isFirst) await checkFormat(member)
    else if (!found && controlName.test(name)) found = await readControlTar(readable(member))
    else if (found && dataName.test(name)) return await work({ ...found, data: readable(member) })
    else if (!name.startsWith('_')) throw broken(`${name} stands in a wrong place`)
    isFirst = false
  }
  throw broken(`it has no ${isFirst ? 'debian-binary' : found ? 'data.tar' : 'control.tar'}`)
}

/** What dpkg knows how to unpack, but for what it only knows of old. */
function readable(member: ArEntry): ArEntry {
  if (packings.includes(member.name.replace(/^[a-z]+/, ''))) return member
  throw invalid(`the package has ${member.name}; pack it as .xz, .zst or .gz`)
}

const broken = (what: string) => invalid(`the file is no clean Debian package: ${what}`)

async function checkFormat({ name, size, body }: ArEntry): Promise<void> {
  if (name !== 'debian-binary') throw broken('it does not begin with debian-binary')
  if (size > maxFormat) throw tooLarge(`debian-binary is larger than ${maxFormat} bytes`)
  const text = (await gathered(body)).toString('latin1')
  if (!/^2\.[0-9]+\n/.test(text)) throw broken('it is not of version 2 of the format')
}

async function readControlTar({ name, body }: ArEntry): Promise<Omit<Members, 'data'>> {
  const others: string[] = []
  let control: Paragraph | undefined
  const bytes = decompressed(name, body, { maxBytes: maxControlTar })
  for await (const entry of readTar(bytes, { entries: controlEntries })) {
    if (entry.name !== 'control') {
      if (entry.kind !== 'directory') others.push(entry.name)
      continue
    }
    if (control || entry.kind !== 'file')
      throw broken('it has control twice, or as something else than a file')
    if (entry.size > maxControl) throw tooLarge(`the control file is larger than ${maxControl} bytes`)
    control = parseParagraph('the control file', await gathered(entry.body), { bytes: maxControl })
  }
  if (!control) throw broken('its control.tar has no control file')
  return { control, controlFiles: others.toSorted() }
}

async function gathered(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** What stands behind the files: signatures may, whose names begin with an underscore. */
async function checkEnd(file: SeekableFile, { offset, size }: DataMember): Promise<void> {
  const end = offset + size
  if (end > file.size) throw broken('it is cut off')
  const start = end + (size % 2)
  if (start >= file.size) return
  for await (const { name } of readArRest(file.open({ start }), { entries: maxMembers }))
    if (!name.startsWith('_')) throw broken(`${name} stands behind its files`)
}

/** What every control file has to say (Debian Policy 5.3). */
function describe(control: Paragraph): Pick<DebFile, 'name' | 'version' | 'architecture' | 'source'> {
  const what = 'the control file'
  const odd = refused.find((field) => valueOf(control, field) !== undefined)
  if (odd !== undefined) throw invalid(`${what} has the field ${odd}, which no package may have`)
  const name = normalizeName(neededValue(what, control, 'Package'))
  const version = neededValue(what, control, 'Version')
  versionOf(version)
  const architecture = neededValue(what, control, 'Architecture')
  return {
    name,
    version,
    architecture: checkArchitecture(architecture),
    source: sourceOf(what, control, { name, version }),
  }
}

function sourceOf(what: string, control: Paragraph, own: DebFile['source']): DebFile['source'] {
  const value = valueOf(control, 'Source')
  if (value === undefined || value === '') return own
  const source = readSourceName(value)
  if (!source) throw invalid(`${what} has no good Source: ${JSON.stringify(value.slice(0, 100))}`)
  return { version: own.version, ...source }
}
