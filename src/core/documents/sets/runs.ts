/**
 * Joined indexes are cut into runs, each compressed as a member of its own. Where a run ends depends on the entries in
 * it alone, so that one more entry changes one run, and sets that show mostly the same share theirs.
 */
import { hash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip, zstdCompress, constants } from 'node:zlib'
import { mergeSorted } from '../../../lib/merge-sorted.ts'
import { turn } from '../../../lib/turn.ts'

export interface SetRow {
  readonly id: string
  readonly text: string
}

/** A run ends here whatever stands in it, in characters. */
const longestRun = 256 * 1024

/** Cuts entries, in their order, into the texts of runs of so many entries, on average. */
export function* cutIntoRuns(rows: Iterable<SetRow>, perRun: number): Generator<string> {
  let text = ''
  for (const { id, text: own } of rows) {
    if (text !== '' && (isBoundary(id, perRun) || text.length + own.length > longestRun)) {
      yield text
      text = ''
    }
    text += own
  }
  if (text !== '') yield text
}

/** FNV-1a: even enough, and quick. */
function isBoundary(id: string, perRun: number): boolean {
  let state = 0x811c9dc5
  for (let at = 0; at < id.length; at++) state = Math.imul(state ^ id.charCodeAt(at), 0x01000193)
  return ((state >>> 8) ^ state) % perRun === 0
}

/** Merges lists that are in order, by ids; of equal ids the first list's. */
export function* mergeRows(lists: readonly (readonly SetRow[])[]): Generator<SetRow> {
  for (const [row] of mergeSorted(lists, ({ id }) => id)) yield row!
}

export interface CompressedRun {
  /** Of the uncompressed bytes. */
  readonly sha256: string
  readonly gzip: Buffer
  readonly zstd: Buffer
}

const gzipped = promisify(gzip)
const zstandard = promisify(zstdCompress)

export const sha256Of = (bytes: Uint8Array) => hash('sha256', bytes, 'hex')

/** Compresses a run both ways, on other threads. */
export async function compressRun(sha256: string, bytes: Buffer): Promise<CompressedRun> {
  await turn()
  const params = { [constants.ZSTD_c_compressionLevel]: 9, [constants.ZSTD_c_checksumFlag]: 1 }
  const [gzipBytes, zstdBytes] = await Promise.all([gzipped(bytes), zstandard(bytes, { params })])
  return { sha256, gzip: gzipBytes, zstd: zstdBytes }
}
