/**
 * Clients that publish, read and delete at several nodes while these, or what they stand on, fail. They try again as
 * clients do, or give up, and note what they were told: that must be so afterwards.
 */
import { randomBytes, randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient, genericFile, npmPackage, type Attempt, type Client } from './attempts.ts'

/** What a client knows of an attempt: `unknown` where it gave up without an answer that said so. */
export type Known = 'there' | 'gone' | 'unknown'

export interface LoadOptions {
  /** Where requests go; nodes may come and go. */
  readonly nodes: () => readonly string[]
  /** Where they go, too: what stands in front of the nodes. */
  readonly balancer: string
  readonly token: string
  readonly clients: number
  /** Longer than this, in milliseconds, no request may take. */
  readonly limitMs: number
}

export interface LoadCounts {
  published: number
  removed: number
  read: number
  /** Requests that were answered with 5xx (or 408: it took too long), and those whose connection broke. */
  refused: number
  broken: number
}

export interface Load {
  readonly counts: LoadCounts
  /** How many requests are under way, altogether or to one node. */
  underWay(url?: string): number
  /** Ends it and says what is known. Throws where a client was told something wrong, or nothing at all in time. */
  stop(): Promise<ReadonlyMap<Attempt, Known>>
}

/** Beginning of names, so that no two loads meet. */
let loads = 0
const shared = Array.from({ length: 12 }, (_, at) => randomBytes(1000 + at * 3000))
/** More than one part of an upload in parts. */
const large = 11_000_000

type Ask = (client: Client) => Promise<number | undefined>

/** Requests to one or the other, counted. */
function asker({ nodes, balancer, token, limitMs }: LoadOptions, counts: LoadCounts) {
  const underWay = new Map<string, number>()
  const count = (url: string, by: number) => underWay.set(url, (underWay.get(url) ?? 0) + by)

  /** One request: its status, or undefined where the client has to try again. */
  async function ask(what: Ask, urls = [...nodes(), balancer]): Promise<number | undefined> {
    const url = urls[randomInt(urls.length)]!
    count(url, 1)
    try {
      const status = await what(createClient(url, token, limitMs))
      if (status !== undefined && status < 500 && status !== 408) return status
      counts[status === undefined ? 'broken' : 'refused'] += 1
      return undefined
    } finally {
      count(url, -1)
    }
  }
  /** Several tries with pauses, or only one: as clients are. */
  async function persist(what: Ask, urls?: string[]): Promise<number | undefined> {
    const tries = randomInt(3) === 0 ? 1 : 6
    for (let tried = 1; ; tried++) {
      const status = await ask(what, urls)
      if (status !== undefined || tried === tries) return status
      await sleep(100 * tried)
    }
  }
  function requests(url?: string): number {
    return url === undefined ? underWay.values().reduce((sum, one) => sum + one, 0) : (underWay.get(url) ?? 0)
  }
  return { ask, persist, requests }
}

export function startLoad(options: LoadOptions): Load {
  const counts: LoadCounts = { published: 0, removed: 0, read: 0, refused: 0, broken: 0 }
  const known = new Map<Attempt, Known>()
  const stopping = new AbortController()
  const prefix = `load-${++loads}`
  const { ask, persist, requests } = asker(options, counts)

  async function publish(attempt: Attempt): Promise<void> {
    known.set(attempt, 'unknown')
    const status = await persist((client) => client.send(attempt.upload))
    if (status === undefined) return
    expect(status, [200, 201], attempt)
    known.set(attempt, 'there')
    counts.published += 1
  }
  async function remove(attempt: Attempt): Promise<void> {
    known.set(attempt, 'unknown')
    let tries = 0
    // Not through the balancer, which tries again by itself: then the second node knows of nothing to remove.
    const status = await persist(
      (client) => {
        tries += 1
        return client.remove(attempt)
      },
      [...options.nodes()],
    )
    if (status === undefined) return
    expect(status, tries > 1 ? [204, 200, 404] : [204, 200], attempt)
    known.set(attempt, 'gone')
    counts.removed += 1
  }
  async function read(attempt: Attempt): Promise<void> {
    const status = await ask((client) => client.read(attempt))
    if (status === undefined) return
    expect(status, [200], attempt)
    counts.read += 1
  }
  async function act(number: number): Promise<void> {
    const standing: Attempt[] = []
    for (let round = 0; !stopping.signal.aborted; round++) {
      const attempt = choose(`${prefix}-${number}-${round}`, round + number)
      await publish(attempt)
      if (known.get(attempt) === 'there') standing.push(attempt)
      if (standing.length > 0) await read(standing[randomInt(standing.length)]!)
      if (round % 2 && standing.length > 0) {
        const [going] = standing.splice(randomInt(standing.length), 1)
        await remove(going!)
      }
    }
  }
  const all = Promise.all(Array.from({ length: options.clients }, (_, number) => act(number)))
  all.catch(() => stopping.abort())
  return {
    counts,
    underWay: requests,
    async stop() {
      stopping.abort()
      await all
      return known
    },
  }
}

function expect(status: number, wanted: readonly number[], { file }: Attempt): void {
  if (!wanted.includes(status)) throw new Error(`${file}: ${status} instead of ${wanted.join(' or ')}`)
}

/** Both formats, bytes of its own and such that others publish, too, and now and then something large. */
function choose(name: string, turn: number): Attempt {
  const bytes = turn % 2 ? shared[randomInt(shared.length)]! : randomBytes(randomInt(1, 40_000))
  if (turn % 40 === 0) return genericFile(name, large)
  return turn % 4 < 2 ? genericFile(name, bytes) : npmPackage(name, bytes)
}
