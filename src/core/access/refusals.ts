/** Takes note of who was refused what, so that it can be read afterwards who tried the doors. */
import type { Database } from '../../database/database.ts'
import { Problem } from '../../lib/problem.ts'
import type { Clock } from '../core.ts'
import { recordEvents, type NewEvent, type Origin } from '../records/events.ts'
import { refusedIn } from './refused.ts'

export interface Refusals {
  /** Notes an error that a request ends with, if it is a refusal. `request`: what was asked, as method and path. */
  note(thrown: unknown, origin: () => Origin, request: string): void
  /** Notes a wrong password, or the right one of somebody who may not sign in; undefined: for a user who does not exist. */
  noteSignIn(user: { readonly id: number; readonly username: string } | undefined, origin: Origin): void
  /** Writes what was noted; what strangers do only once its minute is over, unless it is to be `all`. */
  flush(database: Database, all?: boolean): Promise<void>
}

const minuteMs = 60_000
/** Of each known caller in a minute; more tell nothing new. */
const mostPerMinute = 60
/** What waits to be written, and how many addresses are told apart in a minute: a flood must not take the memory. */
const mostWaiting = 10_000
const mostAddresses = 1000
const longestRequest = 500

/** One minute of counting. */
interface Minute {
  readonly began: number
  readonly known: Map<string, number>
  /** By address; null: beyond those that are told apart. */
  readonly strangers: Map<string | null, number>
}

/** Makes an empty notebook; it is kept in memory and written by a timer. */
export function createRefusals(clock: Clock): Refusals {
  let waiting: NewEvent[] = []
  let minute = newMinute(clock())
  const current = () => {
    if (clock() - minute.began >= minuteMs) turn()
    return minute
  }
  const turn = () => {
    waiting.push(...strangersOf(minute))
    minute = newMinute(clock())
  }
  const add = (caller: string, event: NewEvent) => {
    const { known } = current()
    const count = (known.get(caller) ?? 0) + 1
    known.set(caller, count)
    if (count <= mostPerMinute && waiting.length < mostWaiting) waiting.push(event)
  }
  const count = (address: string | null) => {
    const { strangers } = current()
    const key = strangers.has(address) || strangers.size < mostAddresses ? address : null
    strangers.set(key, (strangers.get(key) ?? 0) + 1)
  }
  return {
    note(thrown, originOf, request) {
      if (!(thrown instanceof Problem)) return
      const refused = refusedIn(thrown)
      if (!refused && thrown.status !== 401 && thrown.status !== 403) return
      const origin = originOf()
      if (origin.actor === null) return count(origin.address)
      const { permission, projectId, groupId } = refused ?? {}
      const detail = { request: request.slice(0, longestRequest), status: thrown.status, permission }
      const subject = { ...(projectId ? { projectId } : {}), ...(groupId ? { groupId } : {}), detail }
      add(callerOf(origin), { kind: 'access.refused', origin, subject, at: clock() })
    },
    noteSignIn(user, origin) {
      if (!user) return count(origin.address)
      const subject = { detail: { user: user.id, username: user.username } }
      add(`sign-in ${user.id}`, { kind: 'session.refused', origin, subject, at: clock() })
    },
    async flush(database, all = false) {
      if (all) turn()
      else current()
      if (waiting.length === 0) return
      const batch = waiting
      waiting = []
      await database.write((db) => recordEvents(db, batch), { beside: [] })
    },
  }
}

const newMinute = (now: number): Minute => ({
  began: now - (now % minuteMs),
  known: new Map(),
  strangers: new Map(),
})

/** A person is one caller with all their tokens. */
const callerOf = ({ userId, tokenId }: Origin) => (userId === null ? `token ${tokenId}` : `user ${userId}`)

function strangersOf({ began, strangers }: Minute): NewEvent[] {
  return [...strangers].map(([address, count]) => ({
    kind: 'access.refused',
    origin: { userId: null, tokenId: null, actor: null, address, requestId: null },
    subject: { detail: { count } },
    at: began,
  }))
}
