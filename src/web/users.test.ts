import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { findUserByName } from '../core/records/users.ts'
import { createBrowser, signedIn, type Browser } from './browser.testing.ts'

describe('the page of users', () => {
  let app: TestApp
  let root: Browser
  before(async () => {
    app = await createTestApp()
    root = await signedIn(app, app.root)
  })
  after(() => app.close())
  const idOf = async (name: string) => (await findUserByName(app.core.database.read, name))!.id
  const linkIn = (text: string) => new URL(/http[^\s<"]+\/password\?key=[\w-]+/.exec(text)![0])

  it('makes an invitation, at which the invited choose a password', async () => {
    const made = await root.submit('/users', { username: 'nina', name: 'Nina <i>' })
    assert.equal(made.status, 200)
    assert.match(made.text, /Nina &lt;i&gt;/)
    const link = linkIn(made.text)
    const nina = createBrowser(app.url)
    const password = 'correct horse battery'
    const key = link.searchParams.get('key')!
    assert.equal((await nina.get(link.pathname + link.search)).status, 200)
    assert.equal((await nina.submit('/password', { key, password, repeated: password })).status, 303)
    assert.equal((await nina.get('/tokens')).status, 200)
    assert.equal((await nina.get('/users')).status, 403)
    assert.doesNotMatch((await nina.get('/')).text, /href="\/users"/)
  })

  it('says what is wrong with a name, and finds people', async () => {
    const taken = await root.submit('/users', { username: 'ROOT' })
    assert.equal(taken.status, 409)
    assert.match(taken.text, /The username ROOT is taken/)
    assert.equal((await root.submit('/users', { username: 'a b' })).status, 400)
    await app.user('oscar')
    const found = await root.get('/users?search=osc')
    assert.match(found.text, /Block: oscar/)
    assert.doesNotMatch(found.text, /Block: nina/)
    assert.doesNotMatch((await root.get('/users')).text, /Block: root/)
  })

  it('blocks and lets in again, and makes new links', async () => {
    const paul = await app.user('paul')
    const browser = await signedIn(app, paul)
    const id = await idOf('paul')
    assert.equal((await root.submit(`/users/${id}/block`, {}, { from: '/users' })).status, 303)
    assert.equal((await browser.get('/tokens')).status, 303)
    assert.equal((await paul.get('/api/v4/user')).status, 401)
    assert.equal((await root.submit(`/users/${id}/link`, {}, { from: '/users' })).status, 403)
    assert.equal((await root.submit(`/users/${id}/unblock`, {}, { from: '/users' })).status, 303)
    assert.ok(linkIn((await root.submit(`/users/${id}/link`, {}, { from: '/users' })).text))
  })

  it('does nothing for others', async () => {
    const quinn = await signedIn(app, await app.user('quinn'))
    const id = await idOf('oscar')
    for (const path of ['/users', `/users/${id}/link`, `/users/${id}/block`, `/users/${id}/unblock`]) {
      const reply = await quinn.submit(path, { username: 'mallory' }, { from: '/tokens' })
      assert.equal(reply.status, 403, path)
      const forged = await root.submit(path, { username: 'mallory', form_token: 'x' }, { from: '/users' })
      assert.equal(forged.status, 403, path)
    }
    assert.equal(await findUserByName(app.core.database.read, 'mallory'), undefined)
    assert.equal((await findUserByName(app.core.database.read, 'oscar'))!.state, 'active')
  })
})
