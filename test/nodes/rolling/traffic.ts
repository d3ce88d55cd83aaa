/** Clients that publish, read and delete without a pause, and note whatever goes wrong. */
import { call, type Caller } from '../../../src/formats/testing/http.ts'
import { npmAt, publishTo, wrongWith } from '../publishing.ts'

export interface TrafficOptions {
  /** The node that is written to. */
  readonly to: string
  /** Nodes that must show at once what that one acknowledged, itself among them. */
  readonly readAt: readonly string[]
  readonly caller: Caller
  /** Begins the names of its packages: each traffic has its own. */
  readonly prefix: string
}

export interface TrafficReport {
  /** Packages published and read; every other one deleted, too. */
  readonly rounds: number
  /** What was refused, failed, stale or wrong. */
  readonly wrong: readonly string[]
  /** The step that took longest. */
  readonly slowest: { readonly title: string; readonly tookMs: number }
}

export interface Traffic {
  /** Rounds so far. */
  rounds(): number
  stop(): Promise<TrafficReport>
}

const clients = 2

/** Starts `clients` of them. */
export function startTraffic(options: TrafficOptions): Traffic {
  const report = { rounds: 0, wrong: [] as string[], slowest: { title: '', tookMs: 0 } }
  const stopping = new AbortController()

  async function step(title: string, work: () => Promise<string | undefined>): Promise<void> {
    const begun = performance.now()
    const wrong = await work().catch((error: unknown) => String(error))
    const tookMs = performance.now() - begun
    if (wrong !== undefined) report.wrong.push(`${title}: ${wrong}`)
    if (tookMs > report.slowest.tookMs) report.slowest = { title, tookMs }
  }

  async function client(number: number): Promise<void> {
    const { to, readAt, caller } = options
    for (let round = 0; !stopping.signal.aborted; round++) {
      const name = `${options.prefix}-${number}-${round}`
      const publication = { name, version: '1.0.0', content: name }
      await step(`publish ${name}`, async () => unless(await publishTo(to, caller, publication), 201))
      for (const url of readAt) await step(`read ${name}`, () => wrongWith(url, caller, publication))
      if (round % 2 === 0) {
        await step(`delete ${name}`, () => deleteAt(to, caller, name))
        for (const url of readAt)
          await step(`read ${name}, deleted`, async () => unless(await packument(url, caller, name), 404))
      }
      report.rounds += 1
    }
  }

  const done = Promise.all(Array.from({ length: clients }, (_, number) => client(number)))
  return {
    rounds: () => report.rounds,
    async stop() {
      stopping.abort()
      await done
      return report
    },
  }
}

const packument = (url: string, caller: Caller, name: string) =>
  call(caller, npmAt(url), { method: 'GET', path: `/${name}` })

/** As `npm unpublish` does. */
async function deleteAt(url: string, caller: Caller, name: string): Promise<string | undefined> {
  const { _rev } = JSON.parse((await packument(url, caller, name)).text)
  const path = `/${name}/-rev/${encodeURIComponent(_rev)}`
  const { status } = await call(caller, npmAt(url), { method: 'DELETE', path })
  return status >= 200 && status < 300 ? undefined : `answered ${status}`
}

function unless({ status, text }: { status: number; text: string }, expected: number): string | undefined {
  return status === expected ? undefined : `answered ${status} ${text.slice(0, 200)}`
}
