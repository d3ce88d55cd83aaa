import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createTestApp, type Actor, type TestApp } from '../../test/app.ts'
import { reservedPaths } from '../core/records/paths.ts'
import { createBrowser, signedIn } from './browser.testing.ts'
import { routes } from './routes.ts'

describe('pages of groups, projects and packages', () => {
  let app: TestApp
  let secret: { id: number }
  let packageId: number
  before(async () => {
    app = await createTestApp()
    await app.group('acme', { visibility: 'private' })
    secret = await app.project('acme/secret')
    await app.project('open/tools', { visibility: 'public' })
    packageId = await publish(app.root, secret.id, 'rocket', '1.0.0')
  })
  after(() => app.close())

  async function publish(by: Actor, projectId: number, name: string, version: string): Promise<number> {
    const base = `/api/v4/projects/${projectId}/packages/generic/${name}/${version}`
    const reply = await by.put(`${base}/engine.bin`, `bytes of ${name} ${version}`)
    assert.equal(reply.status, 201, await reply.text())
    const row = await app.core.database.read
      .selectFrom('packages')
      .innerJoin('names', 'names.id', 'packages.name_id')
      .select('packages.id')
      .where('names.name', '=', name)
      .where('packages.version', '=', version)
      .executeTakeFirstOrThrow()
    return row.id
  }

  const addresses = (project: string, group: string, id: number) => [
    `/${project}`,
    `/${project}/-/packages`,
    `/${project}/-/packages/${id}`,
    `/${project}/-/package_files/${id}/download`,
    `/groups/${group}`,
    `/groups/${group}/-/packages`,
    `/groups/${group}/-/new-project`,
  ]

  it('say how much is stored, and how much may be, to those who may know', async () => {
    await app.root.json('PUT', `/api/v4/projects/${secret.id}`, { packages_size_limit: 5000 })
    const root = await signedIn(app, app.root)
    assert.match((await root.get('/acme/secret')).text, /Package files: \d+ B of 5\.0 KB/)
    assert.match((await root.get('/groups/acme')).text, /Package files: \d+ B/)
    const guest = await app.user('guest')
    await app.member(guest, 'acme', 10)
    const browser = await signedIn(app, guest)
    for (const path of ['/acme/secret', '/groups/acme'])
      assert.doesNotMatch((await browser.get(path)).text, /Package files/)
  })

  it('do not tell strangers a private project from a missing one', async () => {
    const stranger = await signedIn(app, await app.user('stranger'))
    const texts = new Set<string>()
    for (const path of [
      ...addresses('acme/secret', 'acme', packageId),
      ...addresses('acme/missing', 'missing', packageId),
    ]) {
      const anonymous = await createBrowser(app.url).get(path)
      assert.equal(anonymous.status, 303, path)
      assert.equal(anonymous.location, `/sign-in?return_to=${encodeURIComponent(path)}`)
      const page = await stranger.get(path)
      assert.equal(page.status, 404, path)
      texts.add(page.text)
    }
    assert.equal(texts.size, 1)
    assert.doesNotMatch((await stranger.get('/')).text, /acme|secret/)
    assert.doesNotMatch((await createBrowser(app.url).get('/')).text, /acme|secret/)
    assert.match((await createBrowser(app.url).get('/')).text, /open\/tools/)
  })

  it('show guests the project but no packages', async () => {
    const gus = await app.user('gus')
    await app.member(gus, 'acme/secret', 10)
    const guest = await signedIn(app, gus)
    const page = await guest.get('/acme/secret')
    assert.equal(page.status, 200)
    assert.doesNotMatch(page.text, /rocket/)
    assert.doesNotMatch((await guest.get('/groups/acme')).text, /rocket/)
    assert.match((await guest.get('/')).text, /packages not readable/)
    assert.equal((await guest.get(`/acme/secret/-/packages/${packageId}`)).status, 403)
    assert.equal((await guest.get('/groups/acme/-/new-project')).status, 403)
  })

  it('show reporters the package, its files and how to install it', async () => {
    const rita = await app.user('rita')
    await app.member(rita, 'acme/secret', 20)
    const reporter = await signedIn(app, rita)
    assert.match((await reporter.get('/')).text, /acme\/secret[\s\S]*1 package/)
    const list = await reporter.get('/acme/secret')
    assert.match(list.text, new RegExp(`href="/acme/secret/-/packages/${packageId}"`))
    assert.ok(list.text.includes(`${app.url}/api/v4/projects/${secret.id}/packages/generic/`))
    const page = await reporter.get(`/acme/secret/-/packages/${packageId}`)
    assert.match(page.text, /rocket\/1\.0\.0/)
    const path = /href="([^"]+\/download)"/.exec(page.text)![1]!
    const file = await reporter.get(path)
    assert.equal(file.text, 'bytes of rocket 1.0.0')
    assert.equal(file.headers.get('content-disposition'), 'attachment; filename="engine.bin"')
    assert.match(file.headers.get('content-security-policy')!, /sandbox/)
    assert.equal((await reporter.get(`/open/tools/-/packages/${packageId}`)).status, 404)
    assert.equal((await reporter.get(path.replace('acme/secret', 'open/tools'))).status, 404)
    assert.match((await reporter.get('/groups/acme')).text, /rocket/)
    assert.equal((await reporter.get('/acme')).location, '/groups/acme')
  })

  it('find packages by name, format and page', async () => {
    const many = await app.project('acme/many')
    for (let i = 10; i < 40; i++) await publish(app.root, many.id, `part-${i}`, '1.0')
    const root = await signedIn(app, app.root)
    const rows = (text: string) =>
      text.match(/class="row-title" href="[^"]+\/-\/packages\/\d+"/g)?.length ?? 0
    assert.equal(rows((await root.get('/acme/many')).text), 25)
    assert.equal(rows((await root.get('/acme/many?page=2')).text), 5)
    assert.equal(rows((await root.get('/acme/many?search=RT-1')).text), 10)
    assert.equal(rows((await root.get('/acme/many?search=%25')).text), 0)
    assert.equal(rows((await root.get('/acme/many?format=generic')).text), 25)
    assert.equal((await root.get('/acme/many?page=0&search=%00')).status, 400)
  })

  it('mark in a group what another project owns there', async () => {
    const owner = await app.project('twins/first')
    const other = await app.project('twins/second')
    await publish(app.root, owner.id, 'twin', '1.0')
    await publish(app.root, owner.id, 'single', '1.0')
    await publish(app.root, other.id, 'twin', '2.0')
    const { text } = await (await signedIn(app, app.root)).get('/groups/twins/-/packages')
    const rows = text.split('<li class="row">').filter((row) => row.includes('/-/packages/'))
    const marked = rows.filter((row) => row.includes('shadowed'))
    assert.equal(rows.length, 3)
    assert.equal(marked.length, 1)
    assert.match(marked[0]!, /href="\/twins\/second\/-\/packages\/\d+">twin</)
  })

  it('ask as much of the records however many projects they show', async () => {
    const root = await signedIn(app, app.root)
    const { counts } = app.core.database
    // What was written a moment ago, or is written beside it, may make one request ask again: the fewest of some.
    const asked = async (path: string) => {
      const each: number[] = []
      for (let i = 0; i < 6; i++) {
        const earlier = counts.statements
        await root.get(path)
        each.push(counts.statements - earlier)
      }
      return Math.min(...each)
    }
    const group = await app.group('wide')
    const made = async (path: string) => publish(app.root, (await app.project(path)).id, path.slice(5), '1.0')
    for (const path of ['wide/a', 'wide/b']) await made(path)
    const paths = ['/?search=wide', `/groups/${group.full_path}`]
    const few: number[] = []
    for (const path of paths) few.push(await asked(path))
    for (const path of ['wide/c', 'wide/d', 'wide/e', 'wide/f']) await made(path)
    for (const [index, path] of paths.entries()) assert.equal(await asked(path), few[index], path)
    assert.match((await root.get('/?search=wide')).text, /wide\/f[^]*1 package</)
  })

  it('show nothing of a removed package', async () => {
    const gone = await app.project('acme/gone')
    const id = await publish(app.root, gone.id, 'ghost', '1.0')
    const root = await signedIn(app, app.root)
    assert.equal((await root.get(`/acme/gone/-/packages/${id}`)).status, 200)
    await app.root.delete(`/api/v4/projects/${gone.id}/packages/generic/ghost/1.0/engine.bin`)
    assert.equal((await root.get(`/acme/gone/-/packages/${id}`)).status, 404)
    assert.doesNotMatch((await root.get('/acme/gone')).text, /ghost/)
  })

  it('escape what people wrote', async () => {
    await app.core.database.write((db) =>
      db
        .updateTable('projects')
        .set({ name: '<img src=x>', description: '"><script>alert(1)</script>' })
        .where('full_path', '=', 'open/tools')
        .execute(),
    )
    for (const path of ['/', '/open/tools', '/groups/open', '/open/tools?search="><script>']) {
      const { text } = await createBrowser(app.url).get(path)
      assert.doesNotMatch(text, /<script>|<img/, path)
    }
  })

  it('make groups and projects for those who may', async () => {
    const root = await signedIn(app, app.root)
    const wish = { path: 'fresh', name: 'Fresh', visibility: 'internal' }
    assert.equal((await root.submit('/-/new-group', wish)).location, '/groups/fresh')
    const again = await root.submit('/-/new-group', wish)
    assert.equal(again.status, 409)
    assert.match(again.text, /already been taken/)
    const reserved = await root.submit('/-/new-group', { ...wish, path: 'tokens' })
    assert.equal(reserved.status, 400)
    const at = '/groups/fresh/-/new-project'
    assert.equal((await root.submit(at, { path: 'app' })).location, '/fresh/app')
    assert.equal((await root.submit(at, { path: 'b', visibility: 'public' })).status, 400)
    const stranger = await signedIn(app, await app.user('stranger'))
    assert.equal((await stranger.get('/-/new-group')).status, 403)
    const refused = await stranger.submit(at, { path: 'c' }, { from: '/tokens' })
    assert.equal(refused.status, 403)
    assert.equal((await stranger.submit('/-/new-group', { path: 'd' }, { from: '/tokens' })).status, 403)
  })

  it('are kept by nobody, framed by nobody, and run no foreign script', async () => {
    const { headers } = await createBrowser(app.url).get('/')
    assert.equal(headers.get('cache-control'), 'private, no-store')
    assert.match(headers.get('content-security-policy')!, /default-src 'self'.*frame-ancestors 'none'/)
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
    assert.equal(headers.get('referrer-policy'), 'same-origin')
  })

  it('leave the addresses of programs to programs', async () => {
    const reply = await createBrowser(app.url).get('/api/v4/there-is-no-such-thing')
    assert.ok([401, 404].includes(reply.status))
    assert.match(reply.headers.get('content-type')!, /json/)
    assert.equal((await createBrowser(app.url).get('/v2/none')).status, 404)
  })

  it('stand at addresses that no group can take', () => {
    for (const { path } of routes) {
      const first = path.split('/')[1]!
      assert.ok(['', '*', '-'].includes(first) || reservedPaths.has(first), path)
    }
    for (const segment of ['assets', 'groups']) assert.ok(reservedPaths.has(segment))
  })
})
