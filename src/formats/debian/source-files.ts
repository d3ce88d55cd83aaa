/** The files that describe an upload: `.dsc` (dsc(5)), `.changes` (deb-changes(5)) and `.buildinfo` (deb-buildinfo(5)). */
import { invalid, tooLarge } from '../../lib/problem.ts'
import { openClearSigned } from './clear-signed.ts'
import { neededValue, parseParagraph, valueOf, wordsOf, type Paragraph } from './control.ts'
import { isFileName, readFileName, type DebianFileName } from './file-names.ts'
import { isArchitecture, readSourceName } from './names.ts'
import { versionOf } from './versions.ts'

export type SourceFileKind = 'dsc' | 'changes' | 'buildinfo'

export interface SourceFile {
  readonly kind: SourceFileKind
  readonly isSigned: boolean
  readonly paragraph: Paragraph
  /** Name of the source package. */
  readonly source: string
  /** Version of the source package: the same as `version`, except where a build was only repeated. */
  readonly sourceVersion: string
  readonly version: string
  readonly architectures: readonly string[]
  /** Of `.changes`: the suites that it is meant for. Else empty. */
  readonly distributions: readonly string[]
  /** In the order of the SHA-256 list. */
  readonly files: readonly ListedFile[]
}
/** Digests are in lower-case hexadecimal. */
export interface ListedFile {
  readonly name: string
  /** In bytes. */
  readonly size: number
  readonly sha256: string
  readonly sha1?: string
  readonly md5?: string
  /** Of `.changes`. */
  readonly section?: string
  readonly priority?: string
}

/** Largest such file, in bytes. */
export const maxSourceFile = 4 * 1024 * 1024
const maxFiles = 5000
const maxWords = 500
const formats: Readonly<Record<SourceFileKind, RegExp>> = {
  dsc: /^(?:1\.0|2\.0|3\.0 \([a-z]+\))$/,
  changes: /^1\.[78]$/,
  buildinfo: /^1\.0$/,
}

/** What stands in no list of such a file: it would take another file's place. */
const misplaced: Readonly<Record<SourceFileKind, readonly DebianFileName['kind'][]>> = {
  dsc: ['deb', 'udeb', 'ddeb', 'dsc', 'buildinfo', 'changes'],
  changes: ['changes'],
  buildinfo: ['changes'],
}

/** Throws 400 for what is no such file or contradicts itself, 413 beyond a limit. The signature is not verified. */
export function readSourceFile(kind: SourceFileKind, bytes: Buffer): SourceFile {
  const what = `the .${kind} file`
  if (bytes.length > maxSourceFile) throw tooLarge(`${what} is larger than ${maxSourceFile} bytes`)
  const { text, isSigned } = openClearSigned(what, bytes)
  const paragraph = parseParagraph(what, text, { bytes: maxSourceFile, value: maxSourceFile })
  if (!formats[kind].test(neededValue(what, paragraph, 'Format')))
    throw invalid(`${what} is of a Format that is not known`)
  const version = neededValue(what, paragraph, 'Version')
  versionOf(version)
  return {
    kind,
    isSigned,
    paragraph,
    version,
    ...readSource(what, kind, paragraph, version),
    architectures: words(what, paragraph, 'Architecture', isArchitecture),
    distributions: kind === 'changes' ? words(what, paragraph, 'Distribution', isSuite) : [],
    files: readFiles(what, kind, paragraph),
  }
}

/** With a version where that of the source package is another than the file's. */
function readSource(what: string, kind: SourceFileKind, paragraph: Paragraph, version: string) {
  const value = neededValue(what, paragraph, 'Source')
  const source = readSourceName(value)
  if (!source || (kind === 'dsc' && source.version !== undefined))
    throw invalid(`${what} has no good Source: ${JSON.stringify(value.slice(0, 100))}`)
  return { source: source.name, sourceVersion: source.version ?? version }
}

/** Names of suites, of which old ones have a slash. */
export function isSuite(text: string): boolean {
  return text.length <= 100 && /^[A-Za-z0-9][A-Za-z0-9+.~_-]*(?:\/[A-Za-z0-9][A-Za-z0-9+.~_-]*)*$/.test(text)
}

function words(
  what: string,
  paragraph: Paragraph,
  field: string,
  isGood: (word: string) => boolean,
): readonly string[] {
  const found = wordsOf(neededValue(what, paragraph, field))
  if (found.length > maxWords) throw tooLarge(`${what} has more than ${maxWords} words in ${field}`)
  const bad = found.find((word) => !isGood(word))
  if (bad !== undefined)
    throw invalid(`${what} has a bad word in ${field}: ${JSON.stringify(bad.slice(0, 100))}`)
  return found
}

interface Listed {
  readonly digest: string
  readonly size: number
  readonly more: readonly string[]
}
type List = ReadonlyMap<string, Listed>

/** The lists of a file must be of the same files. MD5 stands where dpkg looks for it. */
function readFiles(what: string, kind: SourceFileKind, paragraph: Paragraph): readonly ListedFile[] {
  const list = (field: string, digits: number, columns = 3): List | undefined => {
    const value = valueOf(paragraph, field)
    return value === undefined ? undefined : readList(`${what}, ${field},`, value, digits, columns)
  }
  neededValue(what, paragraph, 'Checksums-Sha256')
  if (kind !== 'buildinfo') neededValue(what, paragraph, 'Files')
  const sha256 = list('Checksums-Sha256', 64)!
  for (const name of sha256.keys()) {
    const found = readFileName(name)?.kind
    if (found && misplaced[kind].includes(found))
      throw invalid(`${what} lists ${name}, which is no part of it`)
  }
  const sha1 = list('Checksums-Sha1', 40)
  const md5 = kind === 'buildinfo' ? list('Checksums-Md5', 32) : list('Files', 32, kind === 'changes' ? 5 : 3)
  for (const other of [sha1, md5]) if (other) checkSame(what, sha256, other)
  return [...sha256].map(([name, { digest, size }]) => {
    const [section, priority] = md5?.get(name)!.more ?? []
    return {
      name,
      size,
      sha256: digest,
      ...(sha1 && { sha1: sha1.get(name)!.digest }),
      ...(md5 && { md5: md5.get(name)!.digest }),
      ...(section !== undefined && priority !== undefined && { section, priority }),
    }
  })
}

/** Lines of a digest, a size, in `Files` of `.changes` a section and a priority, and a name. */
function readList(what: string, value: string, digits: number, columns: number): List {
  const [first, ...lines] = value.split('\n')
  if (first !== '' || lines.length > maxFiles)
    throw invalid(`${what} is no list of at most ${maxFiles} files`)
  const found = new Map<string, Listed>()
  for (const line of lines) {
    const parts = wordsOf(line)
    const [sum = '', size = '', ...more] = parts
    const name = more.pop()
    if (name === undefined || parts.length !== columns || sum.length !== digits)
      throw invalid(`${what} has a line of another form: ${JSON.stringify(line.slice(0, 100))}`)
    if (!isFileName(name)) throw invalid(`${what} has the file name ${JSON.stringify(name.slice(0, 100))}`)
    if (!/^[0-9a-f]+$/.test(sum) || !/^(?:0|[1-9][0-9]{0,14})$/.test(size))
      throw invalid(`${what} has a bad digest or size of ${name}`)
    if (!more.every((word) => /^[A-Za-z0-9+.~_/-]{1,100}$/.test(word)))
      throw invalid(`${what} has a bad section or priority of ${name}`)
    if (found.has(name)) throw invalid(`${what} lists ${name} twice`)
    found.set(name, { digest: sum, size: Number(size), more })
  }
  return found
}

function checkSame(what: string, one: List, other: List): void {
  const isSame =
    one.size === other.size && [...one].every(([name, { size }]) => other.get(name)?.size === size)
  if (!isSame) throw invalid(`${what} has lists of different files or sizes`)
}
