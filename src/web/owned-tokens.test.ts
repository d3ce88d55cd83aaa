import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { signedIn, type Browser } from './browser.testing.ts'

describe('the pages of tokens that stand on a group or project', () => {
  let app: TestApp
  let browser: Browser
  before(async () => {
    app = await createTestApp()
    await app.project('acme/lib', { visibility: 'internal' })
    const alice = await app.user('alice')
    await app.member(alice, 'acme', 50)
    browser = await signedIn(app, alice)
    await alice.put('/api/v4/projects/acme%2Flib/packages/generic/a/1/f', 'bytes')
  })
  after(() => app.close())

  const pull = async (headers: Record<string, string>) =>
    (await fetch(`${app.url}/api/v4/projects/acme%2Flib/packages/generic/a/1/f`, { headers })).status
  const wish = { name: 'servers', scopes: ['read_package_registry'] }

  for (const at of ['/acme/lib/-', '/groups/acme/-']) {
    it(`makes an access token under ${at}, shows it once, and revokes it`, async () => {
      const page = await browser.submit(`${at}/access_tokens`, { ...wish, access_level: '20' })
      assert.equal(page.status, 200)
      const token = /epa_[0-9A-Za-z]{42}/.exec(page.text)![0]
      assert.equal(await pull({ 'private-token': token }), 200)
      const list = await browser.get(`${at}/access_tokens`)
      assert.doesNotMatch(list.text, /epa_/)
      assert.match(list.text, /reporter, read_package_registry/)
      const revoke = /action="([^"]+\/revoke)"/.exec(list.text)![1]!
      const revoked = await browser.submit(revoke, {}, { from: `${at}/access_tokens` })
      assert.equal(revoked.location, `${at}/access_tokens`)
      assert.equal(await pull({ 'private-token': token }), 401)
    })

    it(`makes a deploy token under ${at} with the user name wished for`, async () => {
      const page = await browser.submit(`${at}/deploy_tokens`, { ...wish, username: 'server-7' })
      const token = /epd_[0-9A-Za-z]{42}/.exec(page.text)![0]
      assert.equal(await pull({ 'deploy-token': token }), 200)
      assert.match((await browser.get(`${at}/deploy_tokens`)).text, /user name server-7/)
    })
  }

  it('says what is wrong with a wish', async () => {
    const wrong = [
      ['access_tokens', { name: 'x' }, /Scopes is empty/],
      ['deploy_tokens', { ...wish, scopes: 'api' }, /valid value: api/],
      ['deploy_tokens', { ...wish, username: 'a:b' }, /Username may hold/],
    ] as const
    for (const [page, fields, message] of wrong) {
      const reply = await browser.submit(`/acme/lib/-/${page}`, fields)
      assert.equal(reply.status, 400)
      assert.match(reply.text, message)
    }
  })

  it('is for those who manage the owner', async () => {
    assert.match((await browser.get('/acme/lib')).text, /\/acme\/lib\/-\/access_tokens/)
    const bob = await signedIn(app, await app.user('bob'))
    assert.doesNotMatch((await bob.get('/acme/lib')).text, /access_tokens/)
    for (const what of ['access_tokens', 'deploy_tokens']) {
      assert.equal((await bob.get(`/acme/lib/-/${what}`)).status, 403)
      assert.equal((await bob.submit(`/acme/lib/-/${what}`, wish, { from: '/tokens' })).status, 403)
      assert.equal((await bob.get(`/nobody/lib/-/${what}`)).status, 404)
    }
  })
})
