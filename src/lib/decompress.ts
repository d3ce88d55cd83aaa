/** Files packed in one of the ways that the endings of their names say. */
import { gunzipped } from './gunzip-stream.ts'
import { invalid, tooLarge } from './problem.ts'
import { unzstd } from './unzstd.ts'
import { unxz } from './xz.ts'

/** In bytes. */
export interface DecompressLimits {
  /** Unpacked. */
  readonly maxBytes: number
  /** Of memory for what may be repeated. Default 128 MiB: what the highest levels of zstd ask for, and twice xz's. */
  readonly maxDictionary?: number
}
type Unpack = (
  source: AsyncIterable<Uint8Array>,
  limits: Required<DecompressLimits>,
) => AsyncIterable<Uint8Array>

const defaultDictionary = 128 * 1024 * 1024
const unpackers: Readonly<Record<string, Unpack>> = {
  '': passed,
  '.gz': (source, { maxBytes }) => gunzipped(source, maxBytes),
  '.xz': unxz,
  '.zst': unzstd,
}

/**
 * What a file holds, by the ending of its name (`.gz`, `.xz`, `.zst`; any other: as it is). Throws 400 where the bytes
 * are of another form, are cut off or go on behind their end, and for `.bz2`, `.lzma` and `.lz`; 413 beyond a limit.
 */
export function decompressed(
  name: string,
  source: AsyncIterable<Uint8Array>,
  { maxBytes, maxDictionary = defaultDictionary }: DecompressLimits,
): AsyncIterable<Uint8Array> {
  const ending = /\.(?:gz|xz|zst|bz2|lzma|lz)$/.exec(name)?.[0] ?? ''
  const unpack = unpackers[ending]
  if (!unpack)
    throw invalid(`${JSON.stringify(name.slice(0, 100))} is packed as ${ending}; use .xz, .zst or .gz`)
  return unpack(source, { maxBytes, maxDictionary })
}

async function* passed(
  source: AsyncIterable<Uint8Array>,
  { maxBytes }: DecompressLimits,
): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const piece of source) {
    size += piece.length
    if (size > maxBytes) throw tooLarge(`the archive has more than ${maxBytes} bytes`)
    yield piece
  }
}
