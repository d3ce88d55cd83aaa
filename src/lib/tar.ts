/** Tape archives (POSIX.1-2001 pax and ustar, with GNU's long names), read as they come. */
import { ByteReader } from './byte-reader.ts'
import { Patience } from './patience.ts'
import { tooLarge } from './problem.ts'
import { block, brokenTar, isExtended, isZero, readExtended, readHeader } from './tar-headers.ts'
import type { Extended, TarHeader } from './tar-headers.ts'

export interface TarEntry {
  /** Segments joined by '/', none of them empty, `.` or `..`. */
  readonly name: string
  /** Devices and pipes only where entries are but listed. */
  readonly kind: 'file' | 'directory' | 'link' | 'device'
  /** Of a file, in bytes. */
  readonly size: number
  /** To be read before the next entry is asked for; what is left of it is passed over. */
  readonly body: AsyncIterable<Uint8Array>
}
export interface TarReading {
  /** The most headers, extended ones too. */
  readonly entries: number
  /**
   * Nothing is unpacked, so links may lead anywhere, there may be devices, and names may be absolute and have any
   * characters: U+FFFD where they are not UTF-8.
   */
  readonly isListed?: boolean
}

const maxName = 4096
/** Of the names of links together, in UTF-16 units. */
const maxLinkNames = 4 * 1024 * 1024
const kinds: Readonly<Record<string, TarEntry['kind']>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '5': 'directory',
  '1': 'link',
  '2': 'link',
}
const devices: Readonly<Record<string, TarEntry['kind']>> = { '3': 'device', '4': 'device', '6': 'device' }

/**
 * The entries of an archive, in their order. Throws 400 for what is none or is cut off, for what tools unpack in
 * different ways, for names and links that lead out of the folder it is unpacked to, for what would be written through a
 * link, and for devices; 413 beyond a limit.
 */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  { entries, isListed = false }: TarReading,
): AsyncGenerator<TarEntry> {
  const reader = new ByteReader(source)
  const patience = new Patience()
  const links = new Links()
  let said: Extended = {}
  try {
    for (let count = 0; ; count++) {
      const header = readHeader(await reader.take(block), isListed)
      if (!header) break
      if (count === entries) throw tooLarge(`the archive has more than ${entries} entries`)
      if (isExtended(header)) said = await readExtended(reader, header, said)
      else {
        const entry = describe({ ...header, ...said }, isListed)
        if (!isListed) links.check(entry)
        yield* withBody(reader, entry)
        said = {}
      }
      await patience.letOthersGo()
    }
    await checkEnd(reader)
  } finally {
    await reader.close()
  }
}

/** Tools stop at the first block of zeros: what others might read behind it is refused. */
async function checkEnd(reader: ByteReader): Promise<void> {
  for await (const piece of reader.pieces(Number.POSITIVE_INFINITY))
    if (!isZero(piece)) throw brokenTar('there are bytes behind its end')
}

type Described = Omit<TarEntry, 'body'>

function describe(header: TarHeader, isListed: boolean): Described {
  const said = kinds[header.type] ?? (isListed ? devices[header.type] : undefined)
  if (!said) throw brokenTar('an entry is a device or of another unknown kind')
  // As tapes had it before there were directories.
  const kind = said === 'file' && header.name.endsWith('/') ? 'directory' : said
  // Tools do not agree whether it is there. Those that unpack packages say no.
  if (kind !== 'file' && header.size > 0 && (said === 'file' || !isListed))
    throw brokenTar('an entry that is no file has bytes')
  const name = safeName(header.name, kind, isListed)
  if (kind === 'link' && !isListed) checkLink(name, header.link, header.type === '2')
  return { name, kind, size: kind === 'file' ? header.size : 0 }
}

async function* withBody(reader: ByteReader, entry: Described): AsyncGenerator<TarEntry> {
  const begin = reader.position
  yield { ...entry, body: reader.pieces(entry.size) }
  const padded = Math.ceil(entry.size / block) * block
  const missing = begin + padded - reader.position
  if ((await reader.skip(missing)) < missing) throw brokenTar('it ends inside an entry')
}

/** The links that came, in whose place or below which nothing else may be unpacked: it would be elsewhere. */
class Links {
  readonly #names = new Set<string>()
  #length = 0

  check({ name, kind }: Described): void {
    if (this.#names.size > 0)
      for (let end = name.length; end > 0; end = name.lastIndexOf('/', end - 1))
        if (this.#names.has(name.slice(0, end)))
          throw brokenTar(`${JSON.stringify(name.slice(0, 100))} would be written through a link`)
    if (kind !== 'link') return
    this.#names.add(name)
    this.#length += name.length
    if (this.#length > maxLinkNames)
      throw tooLarge(`the names of links in the archive have more than ${maxLinkNames} characters`)
  }
}

// oxlint-disable-next-line no-control-regex
const unsafeText = /[\u0000-\u001f\u007f\\\ufffd]|^[A-Za-z]:/

function safeName(text: string, kind: TarEntry['kind'], isListed: boolean): string {
  const unsafe = () => brokenTar(`the name ${JSON.stringify(text.slice(0, 100))} is not safe to unpack`)
  if (text.length > maxName) throw unsafe()
  // dpkg takes all from the root.
  const name = text.replace(isListed ? /^(?:\.?\/)+/ : /^(?:\.\/)+/, '').replace(/\/+$/, '')
  if (kind === 'directory' && /^(?:\.\/)*\.?\/*$/.test(text) && text !== '') return '.'
  const segments = name.split('/')
  const isUnsafe = segments.some((segment) => segment === '' || segment === '.' || segment === '..')
  if (isUnsafe || (!isListed && unsafeText.test(name))) throw unsafe()
  return name
}

/** A symbolic link starts at its own folder, a hard link where all is unpacked. */
function checkLink(name: string, target: string, isSymbolic: boolean): void {
  let depth = isSymbolic ? name.split('/').length - 1 : 0
  for (const segment of target.split('/')) {
    if (segment === '..') depth--
    else if (segment !== '.' && segment !== '') depth++
    if (depth < 0) break
  }
  if (depth < 0 || target === '' || target.startsWith('/') || unsafeText.test(target))
    throw brokenTar(`the link ${JSON.stringify(name.slice(0, 100))} is not safe to unpack`)
}
