/** Keeps connections for further requests, few enough that neither we nor the servers suffer. */
import { Agent } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createPlaces, type Place, type PlacesParts, type Wanted } from './connection-places.ts'
import { EgressError } from './egress-error.ts'
import type { OpenedSocket } from './socket.ts'

export interface ConnectionLimits {
  /** Open ones to an origin; further requests wait. Default 32. */
  readonly perOrigin: number
  /** Open ones in all. Default 256. */
  readonly inAll: number
  /** How long one is kept unused: less than servers keep it. Default 15 s; less where the server says less. */
  readonly idleMs: number
  /** From this age on one is not used again, so that names are looked up again. Default 60 s. */
  readonly oldestMs: number
}

const defaults: ConnectionLimits = { perOrigin: 32, inAll: 256, idleMs: 15_000, oldestMs: 60_000 }

/** A connection for one request; it comes back by itself when that is over, or it is destroyed. */
export interface Connection {
  /** Sends a request of `node:http` on this connection. */
  readonly agent: Agent
  readonly socket: Socket
  /** It served a request before, so that the server may be about to close it. */
  readonly isReused: boolean
}

export interface Connections {
  /**
   * A connection that the request may use, once there is one.
   * @throws EgressError `unavailable` where none gets free in time or all are closed; what opening one throws.
   */
  take(wanted: Wanted): Promise<Connection>
  /** Ends all of them; none is opened any more. */
  close(): void
}

export interface ConnectionsParts extends Pick<PlacesParts, 'mayUse' | 'now'> {
  readonly open: (wanted: Wanted) => Promise<OpenedSocket>
  readonly limits?: Partial<ConnectionLimits> | undefined
}

/** Makes the pool, without a connection. */
export function createConnections({ open, limits: given, ...parts }: ConnectionsParts): Connections {
  const limits = { ...defaults, ...given }
  const places = createPlaces({ ...limits, ...parts })
  const queue = createQueue(places.find)
  let isClosed = false

  function demandOpen({ host }: URL): void {
    if (!isClosed) return
    throw new EgressError('unavailable', `${host} is not asked: connections to other servers are closed`)
  }

  function keep(place: Place): boolean {
    if (isClosed || parts.now() >= place.opened!.until) return false
    places.rest(place)
    queue.serve()
    return true
  }

  const free = (place: Place) => void (places.remove(place) && queue.serve())

  async function fill(place: Place, wanted: Wanted): Promise<Connection> {
    try {
      demandOpen(wanted.url)
      const opened = await open(wanted)
      const { socket } = opened
      if (isClosed) socket.destroy()
      demandOpen(wanted.url)
      if (socket.destroyed)
        throw new EgressError('network', `${wanted.url.host} closed the connection at once`)
      const agent = new SingleAgent(socket, limits.idleMs, () => keep(place))
      place.opened = { ...opened, agent, until: parts.now() + limits.oldestMs }
      socket.once('close', () => free(place))
      return { agent, socket, isReused: false }
    } catch (error) {
      free(place)
      throw error
    }
  }

  return {
    async take(wanted) {
      wanted.signal.throwIfAborted()
      const place = places.find(wanted) ?? (await queue.wait(wanted))
      return place.opened ? { ...place.opened, isReused: true } : fill(place, wanted)
    },
    close() {
      isClosed = true
      for (const { opened } of places.all()) opened?.socket.destroy()
    },
  }
}

/** Requests that wait for a place, in the order in which they came. */
function createQueue(find: (wanted: Wanted) => Place | undefined) {
  const waiting = new Map<Wanted, (place: Place) => void>()
  return {
    serve() {
      for (const [wanted, give] of waiting) {
        const place = find(wanted)
        if (place) give(place)
      }
    },
    async wait(wanted: Wanted): Promise<Place> {
      const { signal, url } = wanted
      const turn = Promise.withResolvers<Place>()
      const giveUp = () => {
        waiting.delete(wanted)
        const isLate = signal.reason instanceof EgressError
        const late = new EgressError('unavailable', `all connections to ${url.host} are in use`)
        turn.reject(isLate ? late : signal.reason)
      }
      waiting.set(wanted, (place) => {
        waiting.delete(wanted)
        turn.resolve(place)
      })
      signal.addEventListener('abort', giveUp, { once: true })
      try {
        return await turn.promise
      } finally {
        signal.removeEventListener('abort', giveUp)
      }
    },
  }
}

/** Lets Node ask on one connection that is open already, and keep it; who gets it next is not its to decide. */
class SingleAgent extends Agent {
  readonly #socket: Socket
  readonly #keep: () => boolean

  constructor(socket: Socket, idleMs: number, keep: () => boolean) {
    super({ keepAlive: true, timeout: idleMs })
    this.#socket = socket
    this.#keep = keep
  }

  override createConnection(): Socket {
    return this.#socket
  }

  /** False: it is closed. The server's `Keep-Alive` may say so, too. */
  override keepSocketAlive(socket: Duplex): boolean {
    const may: unknown = super.keepSocketAlive(socket)
    return may !== false && this.#keep()
  }
}
