/** What a format joins its indexes with: texts in runs, and what is known of their bytes. */
import { createHash } from 'node:crypto'
import type { Joined, SetBody } from '../../../formats/format.ts'
import { turn } from '../../../lib/turn.ts'
import type { Core } from '../../core.ts'
import type { NewRun, StoredRun } from '../../records/index-runs.ts'
import type { KnownBody, MadeInsides, StoredJoined } from '../../records/inside-indexes.ts'
import { compressRun, cutIntoRuns, sha256Of, type SetRow } from './runs.ts'

/** Runs that belong to a set, those not stored yet among them. */
export type Run = NewRun & Partial<Pick<StoredRun, 'id' | 'used_at'>>

type Form = 'plain' | 'gzip' | 'zstd'

/** Of which runs a body consists: of these, or of those that a stored index names by these numbers. */
export type JoinedBody =
  | { readonly form: Form; readonly runs: readonly Run[] }
  | { readonly form: Form; readonly ids: readonly number[]; readonly of: MadeInsides }

const bodies = new WeakMap<SetBody, JoinedBody>()

/** What stands behind a body that `join` handed out. */
export function joinedBody(body: SetBody): JoinedBody {
  const found = bodies.get(body)
  if (!found) throw new Error('a body of a set that the core did not make')
  return found
}

/** How a list is cut, and how much of it is looked at between two turns of the event loop. */
export interface Cut {
  /** Entries, on average. */
  readonly perRun: number
  readonly runsAtOnce: number
}

/** Joins entries that are sorted by ids. `tick` is called again and again while it works; what it throws ends that. */
export async function joinRows(
  core: Core,
  rows: Iterable<SetRow>,
  { perRun, runsAtOnce }: Cut,
  tick: () => void,
): Promise<Joined> {
  const sums = { plain: newSum(), gzip: newSum(), zstd: newSum() }
  const runs: Run[] = []
  let entries = 0
  function* counted(): Generator<SetRow> {
    for (const row of rows) {
      entries += 1
      yield row
    }
  }
  let waiting: { readonly sha256: string; readonly bytes: Buffer }[] = []
  async function take(): Promise<void> {
    const digests = waiting.map(({ sha256 }) => sha256)
    const known = await core.runs.find(core.database.scan, digests)
    for (const { sha256, bytes } of waiting) {
      const run = known.get(sha256) ?? (await compressRun(sha256, bytes))
      for (const form of ['gzip', 'zstd'] as const) add(sums[form], run[form])
      runs.push(run)
    }
    waiting = []
    tick()
    await turn()
  }
  for (const text of cutIntoRuns(counted(), perRun)) {
    const bytes = Buffer.from(text)
    add(sums.plain, bytes)
    waiting.push({ sha256: sha256Of(bytes), bytes })
    if (waiting.length === runsAtOnce) await take()
  }
  if (runs.length + waiting.length === 0)
    waiting.push({ sha256: sha256Of(Buffer.alloc(0)), bytes: Buffer.alloc(0) })
  await take()
  const bodyOf = (form: Form) =>
    brandBody({ size: sums[form].size, sha256: sums[form].hash.digest('hex') }, { form, runs })
  return { entries, plain: bodyOf('plain'), gzip: bodyOf('gzip'), zstd: bodyOf('zstd') }
}

interface Sum {
  size: number
  readonly hash: ReturnType<typeof createHash>
}

const newSum = (): Sum => ({ size: 0, hash: createHash('sha256') })

function add(sum: Sum, bytes: Uint8Array): void {
  sum.size += bytes.length
  sum.hash.update(bytes)
}

/** A text that was joined before, by what is known of it. */
export function joinedBefore(of: MadeInsides, { entries, runs: ids, ...forms }: StoredJoined): Joined {
  const bodyOf = (form: Form) => brandBody(forms[form], { form, ids, of })
  return { entries, plain: bodyOf('plain'), gzip: bodyOf('gzip'), zstd: bodyOf('zstd') }
}

function brandBody({ size, sha256 }: KnownBody, behind: JoinedBody): SetBody {
  const body = { size, sha256 } as SetBody
  bodies.set(body, behind)
  return body
}
