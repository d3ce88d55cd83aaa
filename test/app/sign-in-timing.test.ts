/** How long a refusal takes tells nothing about whom it refused. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createBrowser, signedIn } from '../../src/web/browser.testing.ts'
import { createTestApp, type TestApp } from '../app.ts'

const samples = 7
/** Of the shortest times: what else the machine does only adds to others. A check that ends early would take a tenth of the time. */
const tolerance = 0.3

describe('refused sign-ins', () => {
  let app: TestApp
  before(async () => {
    app = await createTestApp()
    const [alice, bob] = [await app.user('alice'), await app.user('bob')]
    await signedIn(app, alice)
    await signedIn(app, bob)
    await app.user('without-password')
    await app.core.database.write((db) =>
      db.updateTable('users').set({ state: 'blocked' }).where('username', '=', 'bob').execute(),
    )
  })
  after(() => app.close())

  async function timed(username: string): Promise<number> {
    const began = performance.now()
    const reply = await createBrowser(app.url).submit('/sign-in', { username, password: 'not the right one' })
    assert.equal(reply.status, 401)
    return performance.now() - began
  }

  /** Taking turns, so that whatever else the machine does slows down all of them. */
  async function shortest(usernames: readonly string[]): Promise<number[]> {
    const times = usernames.map((): number[] => [])
    for (let round = 0; round < samples; round++)
      for (const [index, username] of usernames.entries()) times[index]!.push(await timed(username))
    return times.map((all) => Math.min(...all))
  }

  it('take as long for an unknown user, one without a password and a blocked one as for a wrong password', async () => {
    const usernames = ['alice', 'nobody-here', 'without-password', 'bob']
    for (const username of usernames) await timed(username)
    let far: string[] = []
    for (let attempt = 0; attempt < 4; attempt++) {
      const [expected = 0, ...others] = await shortest(usernames)
      far = usernames.slice(1).flatMap((name, index) => {
        const difference = Math.abs(others[index]! - expected) / expected
        return difference > tolerance
          ? [`${name}: ${others[index]!.toFixed(1)} ms for ${expected.toFixed(1)} ms`]
          : []
      })
      if (far.length === 0) break
    }
    assert.deepEqual(far, [])
  })
})
