/** SIGKILL at every seam of a publication; the next start must find all that was acknowledged, and nothing by halves. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Attempt, Client } from './attempts.ts'
import { attemptOf, killed, report, rounds, withChain, type Chain } from './chain.ts'
import type { Fault, Moment } from './fault.ts'

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

describe('a server killed while it publishes', { concurrency: 2 }, () => {
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
})
