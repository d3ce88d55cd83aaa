/** SIGKILL at every seam of a publication, a delete and a sweep; each kill is followed by a start that must find all well. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createClient, genericFile, npmPackage, type Attempt, type Client } from './attempts.ts'
import { jobsAhead, jobsPath, type Fault, type Moment, type Orders } from './fault.ts'
import { startServer, type ServerProcess } from './process.ts'
import { assertNothingLeft } from './stored.ts'

/** Kills at each of the five places. */
const rounds = 20

/** One data directory that server after server is started on and killed over. */
interface Chain {
  readonly data: string
  /** What was acknowledged, or found whole: it must stay as it is. */
  readonly standing: Map<Attempt, 'there' | 'gone'>
  kills: number
  /** Starts a server and checks everything that stands; undefined: it was killed at its start. */
  start(orders: Orders): Promise<{ server: ServerProcess; client: Client } | undefined>
}

async function withChain(work: (chain: Chain) => Promise<void>): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'entrepot-kill-'))
  let token = ''
  const chain: Chain = {
    data: join(dir, 'data'),
    standing: new Map(),
    kills: 0,
    async start(orders) {
      const server = await startServer({ data: chain.data, orders })
      if (!server) return undefined
      token ||= server.token
      const client = createClient(server.url, token)
      for (const [attempt, expected] of chain.standing)
        assert.equal(await client.look(attempt), expected, `${attempt.file} after a restart`)
      return { server, client }
    },
  }
  try {
    await work(chain)
    const last = await chain.start({})
    await last!.server.stop()
    assertNothingLeft(chain.data)
    return chain.kills
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

async function killed(chain: Chain, server: ServerProcess): Promise<void> {
  assert.equal(await server.ended, 'SIGKILL')
  chain.kills += 1
}

const attemptOf = (round: number, size: number): Attempt =>
  round % 2 === 0 ? genericFile(`1.${round}`, size) : npmPackage(`tiny-${round}`, size)

/**
 * Publishes until the kill. The next start, made for the next round, looks what is there and repeats the publication as
 * a client would that got no answer.
 */
async function publishingRounds(faults: readonly Fault[], expected: 'there' | 'gone'): Promise<number> {
  return withChain(async (chain) => {
    let before: Attempt | undefined
    for (let round = 0; round <= rounds; round++) {
      const fault = faults[round % faults.length]!
      const running = await chain.start(round < rounds ? { fault } : {})
      const { client, server } = running!
      if (before) await repeat(chain, client, before, expected)
      if (round === rounds) return server.stop()
      before = attemptOf(round, fault.moment === 'body' ? bodySize : 10_000)
      assert.equal(await client.send(before.upload, true), undefined, 'no answer may come')
      await killed(chain, server)
    }
  })
}

async function repeat(chain: Chain, client: Client, attempt: Attempt, expected: 'there' | 'gone') {
  assert.equal(await client.look(attempt), expected, `${attempt.file} after a kill`)
  const status = await client.send(attempt.upload)
  assert.ok(status === 200 || status === 201, `the repetition was answered with ${status}`)
  chain.standing.set(attempt, 'there')
}

const bodySize = 1_500_000
const bodyFaults: readonly Fault[] = [1, 60_000, 400_000, 1_200_000, bodySize].map((at) => ({
  moment: 'body',
  at,
}))
const once = (...moments: Moment[]): Fault[] => moments.map((moment) => ({ moment, at: 1 }))

function report(place: string, kills: number): void {
  console.log(`killed ${kills} times ${place}`)
  assert.ok(kills >= rounds, `${kills} kills ${place} prove too little`)
}

describe('a server killed', { concurrency: 2 }, () => {
  it('in the body of an upload shows nothing of it', async () => {
    report('in the body', await publishingRounds(bodyFaults, 'gone'))
  })

  it('between fsync and commit shows nothing of it', async () => {
    const faults = once('written', 'before-transaction', 'in-transaction')
    report('between fsync and commit', await publishingRounds(faults, 'gone'))
  })

  it('between commit and reply shows all of it', async () => {
    const faults = once('committed', 'before-keep', 'kept')
    report('between commit and reply', await publishingRounds(faults, 'there'))
  })

  it('in a delete has deleted all or nothing', async () => {
    const kills = await withChain(async (chain) => {
      for (let round = 0; round < rounds; round++) {
        const moment = (['before-transaction', 'in-transaction', 'committed'] as const)[round % 3]!
        const attempt = attemptOf(round, 10_000)
        const running = await chain.start({ fault: { moment, at: 1 } })
        assert.equal(await running!.client.send(attempt.upload), 201)
        assert.equal(await running!.client.remove(attempt, true), undefined)
        await killed(chain, running!.server)
        chain.standing.set(attempt, moment === 'committed' ? 'gone' : 'there')
      }
    })
    report('in a delete', kills)
  })

  it('in the sweep of its start finishes it at the next', async () => {
    const kills = await withChain(async (chain) => {
      const kept = attemptOf(0, 10_000)
      const first = await chain.start({ fault: { moment: 'before-keep', at: 1 } })
      await first!.client.send(kept.upload, true)
      await first!.server.ended
      for (let round = 0; round < rounds; round++) {
        const moment = (['before-delete', 'deleted', 'before-keep', 'kept'] as const)[
          round === 0 ? 2 : round % 2
        ]!
        const fault: Fault = { moment, at: round === 0 ? 1 : 1 + (round % 4), fromStart: true }
        assert.equal(await chain.start({ fault, leftovers: 4 }), undefined, `${moment} ${fault.at}`)
        chain.kills += 1
      }
      chain.standing.set(kept, 'there')
    })
    report('in a sweep at the start', kills)
  })

  it('in a collection of unused bytes finishes it later', async () => {
    const kills = await withChain((chain) => collections(chain))
    report('in a collection', kills)
  })
})

/** Deletes packages, lets their time run out, and kills the job that frees the bytes. */
async function collections(chain: Chain): Promise<void> {
  for (let round = 0; round <= rounds; round++) {
    const moment = (['before-delete', 'deleted', 'in-transaction'] as const)[round % 3]!
    const fault = { moment, at: moment === 'in-transaction' ? 1 + (round % 10) : 1 }
    const clockAhead = round * jobsAhead
    const running = await chain.start(round < rounds ? { fault, clockAhead } : { clockAhead })
    const { client, server } = running!
    if (round === rounds) {
      assert.equal(await client.send({ method: 'POST', path: jobsPath }), 200)
      return server.stop()
    }
    const stays = genericFile(`2.${round}`, 1000)
    const goes = [genericFile(`3.${round}`, 1000), npmPackage(`gone-${round}`, 1000)]
    for (const attempt of [stays, ...goes]) assert.equal(await client.send(attempt.upload), 201)
    for (const attempt of goes) assert.ok((await client.remove(attempt))! < 300)
    chain.standing.set(stays, 'there')
    for (const attempt of goes) chain.standing.set(attempt, 'gone')
    await client.send({ method: 'POST', path: jobsPath }, true)
    await killed(chain, server)
  }
}
