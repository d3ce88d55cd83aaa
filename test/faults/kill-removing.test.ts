/** SIGKILL while packages are deleted, leftovers swept and bytes freed; the next start or run must finish it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { genericFile, npmPackage } from './attempts.ts'
import { attemptOf, killed, report, rounds, withChain, type Chain } from './chain.ts'
import { jobsAhead, jobsPath, type Fault } from './fault.ts'

describe('a server killed while it removes', { concurrency: 2 }, () => {
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
