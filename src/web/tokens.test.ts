import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { signedIn, type Browser } from './browser.testing.ts'

describe('the page of access tokens', () => {
  let app: TestApp
  let browser: Browser
  before(async () => {
    app = await createTestApp()
    browser = await signedIn(app, await app.user('alice'))
  })
  after(() => app.close())

  const whoAmI = (token: string) => fetch(`${app.url}/api/v4/user`, { headers: { 'private-token': token } })

  it('makes a token that works, shows it once, and revokes it', async () => {
    const page = await browser.submit('/tokens', {
      name: 'laptop <b>',
      scopes: ['read_api', 'write_package_registry'],
    })
    assert.equal(page.status, 200)
    const token = /ept_[0-9A-Za-z]{42}/.exec(page.text)![0]
    const me = await whoAmI(token)
    assert.equal(me.status, 200)
    assert.equal(((await me.json()) as { username: string }).username, 'alice')

    const list = await browser.get('/tokens')
    assert.doesNotMatch(list.text, /ept_/)
    assert.match(list.text, /laptop &lt;b&gt;/)
    assert.match(list.text, /read_api, write_package_registry/)

    const { id } = await app.core.database.read
      .selectFrom('tokens')
      .select('id')
      .where('name', '=', 'laptop <b>')
      .executeTakeFirstOrThrow()
    const revoked = await browser.submit(`/tokens/${id}/revoke`, {}, { from: '/tokens' })
    assert.equal(revoked.location, '/tokens')
    assert.equal((await whoAmI(token)).status, 401)
    assert.doesNotMatch((await browser.get('/tokens')).text, /laptop &lt;b/)
  })

  it('says what is wrong with a wish', async () => {
    const wishes = [
      [{ name: 'x' }, /Scopes is empty/],
      [{ name: '', scopes: 'api' }, /1 to 255 characters/],
      [{ name: 'x', scopes: 'root' }, /valid value: root/],
      [{ name: 'x', scopes: 'api', expires_at: '2000-01-01' }, /in the past/],
      [{ name: 'x', scopes: 'api', expires_at: 'soon' }, /must be a date/],
      [{ name: 'x', scopes: 'api', expires_at: '2999-01-01' }, /too far off/],
    ] as const
    for (const [fields, message] of wishes) {
      const page = await browser.submit('/tokens', fields)
      assert.equal(page.status, 400)
      assert.match(page.text, message)
    }
  })

  it("does not revoke other people's tokens", async () => {
    const bob = await app.user('bob')
    const { id } = await app.core.database.read
      .selectFrom('tokens')
      .select('id')
      .where('user_id', '=', bob.id)
      .executeTakeFirstOrThrow()
    const reply = await browser.submit(`/tokens/${id}/revoke`, {}, { from: '/tokens' })
    assert.equal(reply.status, 404)
    assert.equal((await whoAmI(bob.token)).status, 200)
  })
})
