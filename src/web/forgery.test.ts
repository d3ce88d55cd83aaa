import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { createBrowser, signedIn, type Browser } from './browser.testing.ts'

describe('forms sent from elsewhere', () => {
  let app: TestApp
  let browser: Browser
  before(async () => {
    app = await createTestApp()
    browser = await signedIn(app, await app.user('alice', { admin: true }))
  })
  after(() => app.close())

  const wish = { name: 'stolen', scopes: 'api' }
  const tokens = async () =>
    (await app.core.database.read.selectFrom('tokens').select('id').where('name', '=', 'stolen').execute())
      .length

  it('do nothing', async () => {
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'none' },
      {},
    ]
    for (const headers of foreign) {
      const reply = await browser.submit('/tokens', wish, { headers })
      assert.equal(reply.status, 403, JSON.stringify(headers))
    }
    assert.equal(await tokens(), 0)
  })

  it("do nothing without the session's own token", async () => {
    for (const form_token of ['', 'x', 'é'.repeat(43), 'A'.repeat(43)]) {
      const reply = await browser.submit('/tokens', { ...wish, form_token })
      assert.equal(reply.status, 403)
    }
    const other = await signedIn(app, await app.user('bob'))
    const theirs = /name="form_token" value="([^"]+)"/.exec((await other.get('/tokens')).text)![1]!
    assert.equal((await browser.submit('/tokens', { ...wish, form_token: theirs })).status, 403)
    assert.equal(await tokens(), 0)
  })

  it('do not sign anybody in', async () => {
    const fields = { username: 'alice', password: 'correct horse battery' }
    const headers = { origin: 'https://evil.example' }
    const reply = await createBrowser(app.url).submit('/sign-in', fields, { headers })
    assert.equal(reply.status, 403)
    assert.equal(reply.headers.get('set-cookie'), null)
  })

  it('are taken where the browser says that they are ours', async () => {
    const reply = await browser.submit('/tokens', wish, { headers: { 'sec-fetch-site': 'same-origin' } })
    assert.equal(reply.status, 200)
    assert.equal(await tokens(), 1)
  })

  it('have no fields beyond what fits', async () => {
    const reply = await browser.submit('/tokens', { ...wish, name: 'x'.repeat(100_000) })
    assert.equal(reply.status, 413)
  })
})
