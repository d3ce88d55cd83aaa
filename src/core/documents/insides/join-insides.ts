import { promisify } from 'node:util'
import { zstdDecompress } from 'node:zlib'
import type { InsidesRule, SetBody } from '../../../formats/format.ts'
import { mergeSorted } from '../../../lib/merge-sorted.ts'
import type { Core } from '../../core.ts'
import { inBatches } from '../../records/batches.ts'
import { insidesSizes, insidesTexts, type InsidesFor } from '../../records/file-insides.ts'
import type { StoredList } from '../../records/inside-indexes.ts'
import { joinedBody, joinRows, type Run } from '../sets/join.ts'
import { putUnsure } from '../sets/put-runs.ts'
import type { SetRow } from '../sets/runs.ts'
import { itemsOf, type LabelledItem } from './text.ts'

/** Of a list, in bytes: all of it is in memory while it is joined. */
const mostText = 128 * 1024 * 1024
/** Lines of some ten bytes. */
const cut = { perRun: 1024, runsAtOnce: 2 }
/** Runs stored in one transaction. */
const runsAtOnce = 50

const decompress = promisify(zstdDecompress)

export interface ListToJoin {
  readonly list: string
  readonly blobIds: readonly number[]
  readonly line: InsidesRule<any>['line']
  readonly signal: AbortSignal
}

/** Joins what was read of files into one text, and stores its runs. Undefined, and a warning: it would be too long. */
export async function joinInsides(
  core: Core,
  what: InsidesFor,
  { list, blobIds, line, signal }: ListToJoin,
): Promise<StoredList | undefined> {
  const { scan } = core.database
  const sizes = await insidesSizes(scan, what, blobIds)
  const size = [...sizes.values()].reduce((sum, one) => sum + one, 0)
  if (size > mostText) {
    core.log.warn({ list, size, mostText }, 'an index of insides would be too long, and is left out')
    return undefined
  }
  const texts: string[] = []
  for await (const text of insidesTexts(scan, what, [...sizes.keys()]))
    texts.push((await decompress(text)).toString())
  const joined = await joinRows(core, rowsOf(texts, line), cut, () => signal.throwIfAborted())
  const known = ({ size: bytes, sha256 }: SetBody) => ({ size: bytes, sha256 })
  const { entries, plain, gzip, zstd } = joined
  const behind = joinedBody(plain)
  const runs = 'runs' in behind ? await storedRuns(core, behind.runs, signal) : []
  return { list, entries, runs, plain: known(plain), gzip: known(gzip), zstd: known(zstd) }
}

function* rowsOf(texts: readonly string[], line: ListToJoin['line']): Generator<SetRow> {
  const lists = texts.map((text) => itemsOf(text))
  for (const same of mergeSorted(lists, ({ item }) => item)) {
    const { item } = same[0]!
    yield { id: item, text: line(item, labelsOf(same)) }
  }
}

function labelsOf(same: readonly LabelledItem[]): readonly string[] {
  if (same.length === 1) return [same[0]!.label]
  return [...new Set(same.map(({ label }) => label))].sort()
}

/** The numbers of runs, in order. They are used now, so that a day is left to name them. */
async function storedRuns(core: Core, runs: readonly Run[], signal: AbortSignal): Promise<number[]> {
  const ids = new Map<string, number>()
  const distinct = [...new Map(runs.map((run) => [run.sha256, run])).values()]
  for (const some of inBatches(distinct, runsAtOnce)) {
    signal.throwIfAborted()
    const stored = await core.database.write((db) => putUnsure(core, db, some, core.clock()), {
      beside: ['insides-runs'],
    })
    for (const [sha256, id] of stored) ids.set(sha256, id)
  }
  return runs.map(({ sha256 }) => ids.get(sha256)!)
}
