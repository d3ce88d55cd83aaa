import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { ask } from '../../test/ask.ts'
import { letFill } from '../../test/filling-format.ts'
import { signedIn, type Browser } from './browser.testing.ts'

describe('the pages of upstreams', () => {
  let app: TestApp
  let owner: Browser
  let root: Browser
  before(async () => {
    app = await createTestApp()
    letFill(app, 'generic')
    await app.project('acme/sub/lib')
    const alice = await app.user('alice')
    await app.member(alice, 'acme', 50)
    owner = await signedIn(app, alice)
    root = await signedIn(app, app.root)
  })
  after(() => app.close())

  const wish = { format: 'generic', url: 'https://mirror.example/all' }
  const places = [
    { at: '/groups/acme/-/upstreams', rest: '/groups/acme/-/upstreams', who: () => owner },
    { at: '/acme/sub/lib/-/upstreams', rest: '/projects/acme%2Fsub%2Flib/-/upstreams', who: () => owner },
    { at: '/admin/upstreams', rest: '/upstreams', who: () => root },
  ]
  for (const { at, rest, who } of places) {
    it(`adds, tests and removes one at ${at}`, async () => {
      const made = await who().submit(at, {
        ...wish,
        username: 'bot',
        password: 'hunter2',
        include: 'A-*, b',
        exclude: 'c',
        flags: ['offline', 'mixes'],
      })
      assert.deepEqual([made.status, made.location], [303, at])
      const [one] = (await ask(app.root, `GET ${rest}`)).body
      assert.deepEqual(
        [one.url, one.username, one.credential_set, one.include, one.exclude],
        [wish.url, 'bot', true, ['a-*', 'b'], ['c']],
      )
      assert.deepEqual([one.offline, one.mixes, one.anonymous_fill], [true, true, false])
      const { text } = await who().get(at)
      assert.match(text, /https:\/\/mirror.example\/all/)
      assert.match(text, /Only asked for a-\*, b/)
      assert.match(text, /With the password of bot/)
      assert.doesNotMatch(text, /hunter2/)
      await ask(app.root, `PATCH ${rest}/${one.id}`, { url: 'http://127.0.0.1:1', offline: false })
      const [moved] = (await ask(app.root, `GET ${rest}`)).body
      const tested = await who().submit(`${at}/${moved.id}/test`, {}, { from: at })
      assert.match(tested.text, /127.0.0.1:1: not reachable/)
      const removed = await who().submit(`${at}/${moved.id}/remove`, {}, { from: at })
      assert.deepEqual([removed.status, removed.location], [303, at])
      assert.deepEqual((await ask(app.root, `GET ${rest}`)).body, [])
      assert.equal((await who().submit(`${at}/${moved.id}/polish`, {}, { from: at })).status, 404)
    })
  }

  it('says what is wrong with a wish, and keeps what was typed but the password', async () => {
    const typed = { ...wish, url: 'ftp://mirror.example', username: 'bot', password: 'hunter2' }
    const { status, text } = await owner.submit('/groups/acme/-/upstreams', typed)
    assert.equal(status, 400)
    assert.match(text, /Url must be an http or https URL/)
    assert.match(text, /value="ftp:\/\/mirror.example"/)
    assert.doesNotMatch(text, /hunter2/)
    const { format: _, ...unformatted } = wish
    assert.match((await owner.submit('/groups/acme/-/upstreams', unformatted)).text, /has no upstreams/)
  })

  it('shows on the page of a group whom its registries ask, and from where that comes', async () => {
    const row = async (page: string) =>
      /<section aria-labelledby="upstreams-title">[^]*?<\/section>/.exec((await owner.get(page)).text)?.[0]
    assert.equal(await row('/groups/acme/sub'), undefined)
    await ask(app.root, 'POST /upstreams', { format: 'generic', url: 'https://mirror.everywhere.example' })
    assert.match((await row('/groups/acme/sub'))!, /from the instance[^]*mirror.everywhere.example/)
    await ask(app.root, 'POST /groups/acme/-/upstreams', { ...wish, exclude: ['x'] })
    const inherited = (await row('/groups/acme/sub'))!
    assert.match(
      inherited,
      /from <a href="\/groups\/acme">acme<\/a>[^]*mirror.example\/all[^]*Never asked for x/,
    )
    assert.doesNotMatch((await row('/groups/acme'))!, /badge">from/)
    await ask(app.root, 'PUT /groups/acme%2Fsub/-/upstreams/inheritance', {
      format: 'generic',
      inherit: false,
    })
    assert.equal(await row('/groups/acme/sub'), undefined)
    assert.equal(await row('/acme/sub/lib'), undefined)
    await ask(app.root, 'POST /projects/acme%2Fsub%2Flib/-/upstreams', wish)
    assert.match((await row('/acme/sub/lib'))!, /mirror.example/)
  })

  it('is for those who manage them; the lists are for those who see settings', async () => {
    const [maintainer, developer] = [await app.user('mia'), await app.user('dev')]
    await app.member(maintainer, 'acme', 40)
    await app.member(developer, 'acme', 30)
    const [mia, dev] = [await signedIn(app, maintainer), await signedIn(app, developer)]
    assert.match((await mia.get('/groups/acme')).text, /mirror.example/)
    assert.doesNotMatch((await dev.get('/groups/acme')).text, /mirror.example/)
    assert.equal((await mia.get('/groups/acme/-/upstreams')).status, 403)
    assert.equal((await mia.get('/acme/sub/lib/-/upstreams')).status, 200)
    assert.equal((await dev.get('/acme/sub/lib/-/upstreams')).status, 403)
    assert.equal((await owner.get('/admin/upstreams')).status, 403)
    assert.match((await root.get('/')).text, /\/admin\/upstreams/)
    assert.doesNotMatch((await owner.get('/')).text, /\/admin\/upstreams/)
  })

  it('offers no removal of what stands in the configuration file', async () => {
    const { id } = (await ask(app.root, 'GET /upstreams')).body[0]
    await app.core.database.write((db) =>
      db.updateTable('upstreams').set({ source: 'configuration' }).where('id', '=', id).execute(),
    )
    const { text } = await root.get('/admin/upstreams')
    assert.match(text, /from the configuration file/)
    assert.doesNotMatch(text, new RegExp(`/${id}/remove`))
    assert.equal(
      (await root.submit(`/admin/upstreams/${id}/remove`, {}, { from: '/admin/upstreams' })).status,
      409,
    )
  })
})
