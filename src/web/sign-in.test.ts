import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { passwordLink, setupLink } from '../core/access/one-time-links.ts'
import { createBrowser, signedIn } from './browser.testing.ts'

const password = 'correct horse battery'

describe('the first administrator', () => {
  let app: TestApp
  before(async () => {
    app = await createTestApp()
    await app.core.database.write((db) => db.updateTable('users').set({ admin: 0 }).execute())
  })
  after(() => app.close())

  it('is made by the link that the start printed, once', async () => {
    const link = new URL(await setupLink(app.core.database, app.url, app.clock.now()))
    const key = link.searchParams.get('key')!
    const browser = createBrowser(app.url)
    const page = await browser.get(link.pathname + link.search)
    assert.equal(page.status, 200)
    assert.match(page.text, /Make the administrator/)

    const short = await browser.submit('/setup', {
      key,
      username: 'ada',
      password: 'short',
      repeated: 'short',
    })
    assert.equal(short.status, 400)
    assert.match(short.text, /at least 12 characters/)
    const differing = await browser.submit('/setup', { key, username: 'ada', password, repeated: 'other' })
    assert.match(differing.text, /two passwords differ/)
    const taken = await browser.submit('/setup', { key, username: 'root', password, repeated: password })
    assert.equal(taken.status, 409)

    const made = await browser.submit('/setup', { key, username: 'ada', password, repeated: password })
    assert.equal(made.status, 303)
    assert.equal(made.location, '/')
    assert.match((await browser.get('/')).text, /Three steps/)
    const ada = await app.core.database.read
      .selectFrom('users')
      .select('admin')
      .where('username', '=', 'ada')
      .executeTakeFirstOrThrow()
    assert.equal(ada.admin, 1)

    assert.equal((await createBrowser(app.url).get(link.pathname + link.search)).status, 404)
    const again = await createBrowser(app.url).submit('/setup', {
      key,
      username: 'eve',
      password,
      repeated: password,
    })
    assert.equal(again.status, 404)
  })

  it('is not made with a made-up key', async () => {
    assert.equal((await createBrowser(app.url).get('/setup?key=guess')).status, 404)
    assert.equal((await createBrowser(app.url).get('/setup')).status, 404)
  })
})

describe('signing in', () => {
  let app: TestApp
  before(async () => {
    app = await createTestApp({
      anonymous: false,
      env: { ENTREPOT_RATE_LIMITS__FAILED_AUTHENTICATIONS_PER_MINUTE: '10' },
    })
  })
  after(() => app.close())

  it('leads back to the page that was asked for, with a cookie for pages only', async () => {
    const alice = await app.user('alice')
    await signedIn(app, alice)
    const browser = createBrowser(app.url)
    const asked = await browser.get('/tokens?x=1')
    assert.equal(asked.location, '/sign-in?return_to=%2Ftokens%3Fx%3D1')
    const reply = await browser.submit('/sign-in', { username: 'Alice', password, return_to: '/tokens?x=1' })
    assert.equal(reply.location, '/tokens?x=1')
    const cookie = reply.headers.get('set-cookie')!
    assert.match(cookie, /; Path=\/; HttpOnly; SameSite=Lax$/)
    assert.equal((await browser.get('/tokens')).status, 200)

    const api = await fetch(`${app.url}/api/v4/user`, { headers: { cookie: browser.cookie } })
    assert.equal(api.status, 401)
  })

  it('never leads to another site', async () => {
    const alice = await app.user('alice')
    await signedIn(app, alice)
    for (const goal of ['https://evil.example/', '//evil.example', '/\\evil.example', '/.//evil.example']) {
      const reply = await createBrowser(app.url).submit('/sign-in', {
        username: 'alice',
        password,
        return_to: goal,
      })
      assert.equal(reply.location, '/', goal)
    }
  })

  it('says the same of an unknown user, a wrong password, a user without one and a blocked user', async () => {
    const bob = await app.user('bob')
    await signedIn(app, bob)
    await app.user('without-password')
    await block(app, bob.id)
    const texts = new Set<string>()
    for (const username of ['nobody-here', 'alice', 'without-password', 'bob']) {
      const guess = username === 'bob' ? password : 'not the right password'
      const reply = await createBrowser(app.url).submit('/sign-in', { username, password: guess })
      assert.equal(reply.status, 401)
      assert.equal(reply.headers.get('set-cookie'), null)
      texts.add(reply.text.replaceAll(username, 'X'))
    }
    assert.equal(texts.size, 1)
    app.clock.advance(61_000)
  })

  it('is refused after ten failures in a minute, for that user', async () => {
    const carol = await app.user('carol')
    const browser = await signedIn(app, carol)
    const guess = () => createBrowser(app.url).submit('/sign-in', { username: 'carol', password: 'guess' })
    for (let i = 0; i < 10; i++) assert.equal((await guess()).status, 401)
    const refused = await createBrowser(app.url).submit('/sign-in', { username: 'carol', password })
    assert.equal(refused.status, 429)
    assert.ok(Number(refused.headers.get('retry-after')) > 0)
    assert.equal((await browser.get('/')).status, 200)
    app.clock.advance(61_000)
    const later = await createBrowser(app.url).submit('/sign-in', { username: 'carol', password })
    assert.equal(later.status, 303)
  })

  it('ends with signing out, with blocking, and after a week', async () => {
    const dora = await app.user('dora')
    const out = await signedIn(app, dora)
    const stolen = out.cookie
    await out.submit('/sign-out', {}, { from: '/' })
    assert.equal(out.cookie, '')
    const replayed = await fetch(`${app.url}/`, { headers: { cookie: stolen }, redirect: 'manual' })
    assert.equal(replayed.status, 303)

    const blocked = await signedIn(app, dora)
    assert.equal((await blocked.get('/')).status, 200)
    await block(app, dora.id)
    assert.equal((await blocked.get('/')).status, 303)

    const old = await signedIn(app, await app.user('edith'))
    app.clock.advance(7 * 86_400_000 + 1000)
    assert.equal((await old.get('/')).status, 303)
  })

  it('takes a new password by a one-time link, which ends all other sessions', async () => {
    const fred = await app.user('fred')
    const elsewhere = await signedIn(app, fred)
    const link = new URL(
      await app.core.database.write((db) => passwordLink(db, app.url, fred.id, app.clock.now())),
    )
    const browser = createBrowser(app.url)
    assert.equal((await browser.get(link.pathname + link.search)).status, 200)
    const fresh = 'a very different one'
    const key = link.searchParams.get('key')!
    const reply = await browser.submit('/password', { key, password: fresh, repeated: fresh })
    assert.equal(reply.status, 303)
    assert.equal((await browser.get('/')).status, 200)
    assert.equal((await elsewhere.get('/')).status, 303)
    assert.equal((await createBrowser(app.url).get(link.pathname + link.search)).status, 404)
    const old = await createBrowser(app.url).submit('/sign-in', { username: 'fred', password })
    assert.equal(old.status, 401)
  })
})

const block = (app: TestApp, id: number) =>
  app.core.database.write((db) =>
    db.updateTable('users').set({ state: 'blocked' }).where('id', '=', id).execute(),
  )
