/** Which paths a binary package brings. */
import { decompressed } from '../../lib/decompress.ts'
import { tooLarge } from '../../lib/problem.ts'
import { readTar } from '../../lib/tar.ts'
import type { Insides } from '../format.ts'
import { valueOf, type Paragraph } from './control.ts'
import { readMembers } from './deb-file.ts'

export interface DataLimits {
  /** Bytes of the unpacked tape. */
  readonly unpacked: number
  readonly entries: number
  /** Of all paths together, in UTF-16 units. */
  readonly characters: number
}

/** For files packed in so many bytes. */
const dataLimits = (size: number): DataLimits => ({
  unpacked: Math.min(1024 ** 3 + 100 * size, 64 * 1024 ** 3),
  entries: 1_000_000,
  characters: 64 * 1024 * 1024,
})

/**
 * What a package is called, with its section, and the paths that it brings (files, links and devices, no directories),
 * relative to the root. Those that no line of text can say (control characters, not UTF-8) are left out. Unpacks all of
 * it; throws 400 where it cannot be, 413 beyond a limit.
 */
export function readContents(
  body: AsyncIterable<Uint8Array>,
  limits: Partial<DataLimits> = {},
): Promise<Insides> {
  return readMembers(body, async ({ control, data }) => {
    const label = qualifiedName(control)
    if (data.size === 0) return { label, items: [] }
    const { unpacked, entries, characters } = { ...dataLimits(data.size), ...limits }
    const items: string[] = []
    let length = 0
    const tape = decompressed(data.name, data.body, { maxBytes: unpacked })
    for await (const { name, kind } of readTar(tape, { entries, isListed: true })) {
      length += name.length
      if (length > characters)
        throw tooLarge(`the paths in the package are longer than ${characters} characters`)
      if (kind !== 'directory' && isText(name)) items.push(name)
    }
    return { label, items }
  })
}

/** `utils/hello`. */
function qualifiedName(control: Paragraph): string {
  const name = valueOf(control, 'Package') ?? ''
  const section = valueOf(control, 'Section')
  return section && /^[^\s,]+$/.test(section) ? `${section}/${name}` : name
}

// oxlint-disable-next-line no-control-regex
const isText = (path: string): boolean => !/[\u0000-\u001f\u007f-\u009f\ufffd]/.test(path)
