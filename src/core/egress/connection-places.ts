/** Room for connections: how many there may be, which are free, and who may use those. */
import type { Agent } from 'node:http'
import type { Reach } from './reachable.ts'
import type { OpenedSocket } from './socket.ts'

/** What a request needs. */
export interface Wanted {
  readonly url: URL
  readonly reach: Reach
  /** A connection that served no request before. */
  readonly isFresh: boolean
  readonly signal: AbortSignal
}

/** Room for one connection: being opened (without `opened`), in use, or idle. */
export interface Place {
  readonly origin: string
  opened?: OpenedSocket & {
    /** Sends requests on it. */
    readonly agent: Agent
    /** From this time on it is not used again. */
    readonly until: number
  }
}

export interface Places {
  /** An idle connection that fits, or a new place, if need be instead of an idle one that does not fit. */
  find(wanted: Wanted): Place | undefined
  /** Nobody uses this one now. */
  rest(place: Place): void
  /** False: it was gone already. */
  remove(place: Place): boolean
  all(): Iterable<Place>
}

export interface PlacesParts {
  readonly perOrigin: number
  readonly inAll: number
  /** Whether a request may use a connection to this address. */
  readonly mayUse: (url: URL, reach: Reach, address: string) => boolean
  readonly now: () => number
}

/** Makes the places, all of them free. */
export function createPlaces({ perOrigin, inAll, mayUse, now }: PlacesParts): Places {
  const places = new Set<Place>()
  const counts = new Map<string, number>()
  /** The one that was used last is the last. */
  const idle = new Set<Place>()

  function add(origin: string): Place {
    const place = { origin }
    places.add(place)
    counts.set(origin, (counts.get(origin) ?? 0) + 1)
    return place
  }

  function remove(place: Place): boolean {
    idle.delete(place)
    if (!places.delete(place)) return false
    const left = counts.get(place.origin)! - 1
    if (left === 0) counts.delete(place.origin)
    else counts.set(place.origin, left)
    return true
  }

  /** Closes an idle one of this origin, or, undefined, of any. */
  function makeRoom(origin?: string): boolean {
    const place = idle.values().find((one) => origin === undefined || one.origin === origin)
    if (!place) return false
    remove(place)
    place.opened!.socket.destroy()
    return true
  }

  function takeIdle({ url, reach }: Wanted): Place | undefined {
    const fits = ({ origin, opened }: Place) =>
      origin === url.origin &&
      opened!.socket.writable &&
      now() < opened!.until &&
      opened!.addresses.every((address) => mayUse(url, reach, address))
    const found = [...idle].findLast(fits)
    if (found) idle.delete(found)
    return found
  }

  return {
    find(wanted) {
      const { origin } = wanted.url
      const kept = wanted.isFresh ? undefined : takeIdle(wanted)
      if (kept) return kept
      if ((counts.get(origin) ?? 0) >= perOrigin && !makeRoom(origin)) return undefined
      if (places.size >= inAll && !makeRoom()) return undefined
      return add(origin)
    },
    rest: (place) => void idle.add(place),
    remove,
    all: () => places,
  }
}
