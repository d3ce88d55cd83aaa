/** Tries one door as one caller, looks at what came of it, and puts everything back. */
import type { Core } from '../../src/core/core.ts'
import { opennesses } from './expected.ts'
import type { Send, Sent } from './http.ts'
import type { Wanted } from './statuses.ts'
import { changeMark, changedSince, undoChanges } from './undo.ts'

export interface Cell {
  /** Where, what and who, for the report. */
  readonly title: string
  readonly wanted: Wanted
  readonly sent: Sent
  /** What only those who are let in may read. */
  readonly shows: string | Uint8Array | undefined
  /** The table that they change. */
  readonly changes: string | undefined
  /** Of those who are let in; left out: any success. */
  readonly status: number | undefined
  /** Success may lead to another page. */
  readonly mayRedirect?: boolean
  prepare?(): Promise<void>
  /** What is wrong with the body of a success; undefined: nothing. */
  judge?(body: Buffer): string | undefined
}

/** How many cells were tried, and what was wrong with some, in words. */
export interface Tally {
  count: number
  readonly wrong: string[]
}

const mostShown = 60
/** For mutants, which need one wrong cell, and know where: ends the process at it, leaving its files behind. */
const failsFast = process.env['MATRIX_FAIL_FAST'] === '1'
const only = process.env['MATRIX_OPENNESS']
export const triedOpennesses = failsFast && only ? opennesses.filter((one) => one === only) : opennesses

export const newTally = (): Tally => ({ count: 0, wrong: [] })

/** Throws with the list of what was wrong, if anything was. */
export function settle({ count, wrong }: Tally): void {
  if (count === 0) throw new Error('no cell was tried')
  if (wrong.length === 0) return
  const more = wrong.length > mostShown ? [`and ${wrong.length - mostShown} more`] : []
  throw new Error(
    [`${wrong.length} of ${count} cells are wrong`, ...wrong.slice(0, mostShown), ...more].join('\n'),
  )
}

/** Tries the cell as it is and, where it reads, with HEAD too. Throws at the first wrong one if so asked. */
export async function tryCell(core: Core, send: Send, cell: Cell, tally: Tally): Promise<void> {
  const length = await tryOnce(core, send, cell, tally)
  if (cell.sent.method !== 'GET') return
  const head = { ...cell, title: `HEAD of ${cell.title}`, sent: { ...cell.sent, method: 'HEAD' } }
  await tryOnce(core, send, head, tally, length)
}

async function tryOnce(
  core: Core,
  send: Send,
  cell: Cell,
  tally: Tally,
  length?: number,
): Promise<number | undefined> {
  await cell.prepare?.()
  const mark = cell.prepare ? await changeMark(core.database) : 0
  const { status, headers, body } = await send(cell.sent)
  const isHead = cell.sent.method === 'HEAD'
  const changed = await changedSince(core.database, mark)
  const seen = `${JSON.stringify(headers)}\n`
  const reads =
    cell.shows !== undefined &&
    (body.includes(typeof cell.shows === 'string' ? cell.shows : Buffer.from(cell.shows)) ||
      (typeof cell.shows === 'string' && seen.includes(cell.shows)))
  const complaints = [
    ...statusComplaint(cell, status),
    ...effectComplaints(cell, reads, changed, isHead),
    ...(isHead && body.length > 0 ? ['a body in answer to HEAD'] : []),
    ...(isHead || status < 200 || status > 299 ? [] : [cell.judge?.(body) ?? []].flat()),
    ...(isHead &&
    length !== undefined &&
    headers['content-length'] !== undefined &&
    Number(headers['content-length']) !== length
      ? [`HEAD announces ${headers['content-length']} bytes, GET sends ${length}`]
      : []),
  ]
  if (changed.length > 0 || cell.prepare) await undoChanges(core.database)
  tally.count += 1
  if (complaints.length === 0) return body.length
  const wrong = `${cell.title}: ${complaints.join('; ')}; answer ${body.subarray(0, 200).toString()}`
  if (failsFast) {
    console.error(`wrong cell: ${wrong}`)
    process.exit(1)
  }
  tally.wrong.push(wrong)
  return body.length
}

function statusComplaint({ wanted, status: success, mayRedirect }: Cell, status: number): string[] {
  if (typeof wanted === 'number') return status === wanted ? [] : [`answered ${status}, should ${wanted}`]
  if (wanted === 'no') return status >= 300 && status < 500 ? [] : [`answered ${status}, should refuse`]
  const isRight =
    success === undefined
      ? (status >= 200 && status < 300) || (mayRedirect && status === 303)
      : status === success
  return isRight ? [] : [`answered ${status}, should ${success ?? '2xx'}`]
}

function effectComplaints(
  { wanted, shows, changes }: Cell,
  reads: boolean,
  changed: readonly string[],
  isHead: boolean,
): string[] {
  const isIn = wanted === 'ok'
  const found: string[] = []
  if (isIn && shows !== undefined && !reads && !isHead) found.push('does not show what it should')
  if (!isIn && reads) found.push('SHOWS WHAT IT MUST NOT')
  if (isIn && changes !== undefined && !changed.includes(changes)) found.push(`did not change ${changes}`)
  if ((!isIn || changes === undefined) && changed.length > 0) found.push(`CHANGED ${changed.join(', ')}`)
  return found
}
