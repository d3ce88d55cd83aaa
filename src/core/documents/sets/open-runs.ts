import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { zstdDecompress } from 'node:zlib'
import type { ByteRange } from '../../../storage/blob-store.ts'
import type { Core } from '../../core.ts'
import type { RunsPart } from '../rendered.ts'

const decompress = promisify(zstdDecompress)

/** Runs read at once, some hundred kilobytes. */
const atOnce = 16

/** Streams a part that consists of runs, or a stretch of it. */
export function openRuns(
  { database, runs: cache }: Pick<Core, 'database' | 'runs'>,
  { ids, form }: RunsPart,
  range?: ByteRange,
): Readable {
  const { start, end = Infinity } = range ?? { start: 0 }
  async function* pieces(): AsyncGenerator<Uint8Array> {
    let at = 0
    for (let next = 0; next < ids.length && at <= end; next += atOnce) {
      for (const run of await cache.read(database.read, ids.slice(next, next + atOnce))) {
        const bytes = form === 'plain' ? await decompress(run.zstd) : run[form]
        const wanted = bytes.subarray(Math.max(0, start - at), Math.max(0, end + 1 - at))
        at += bytes.length
        if (wanted.length > 0) yield wanted
      }
    }
  }
  return Readable.from(pieces(), { objectMode: false })
}
