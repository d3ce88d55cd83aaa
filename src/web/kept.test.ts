import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { ask } from '../../test/ask.ts'
import { letFill } from '../../test/filling-format.ts'
import { keepFiles } from '../core/upstream/kept/keep.testing.ts'
import { createBrowser, signedIn, type Browser } from './browser.testing.ts'

describe('what is kept from upstreams, on the web', () => {
  let app: TestApp
  let reader: Browser
  let ofInstance = 0
  let ofGroup = 0
  let ofProject = 0
  before(async () => {
    app = await createTestApp({ env: { ENTREPOT_PACKAGES__INSTANCE: '{"generic":["acme"]}' } })
    letFill(app, 'generic')
    letFill(app, 'npm')
    await app.project('acme/sub/lib')
    await app.project('apart/lib')
    const rita = await app.user('rita')
    await app.member(rita, 'acme', 20)
    reader = await signedIn(app, rita)
    ofGroup = await add('/groups/acme/-/upstreams', 'mirror', { exclude: ['pad-left-out'] })
    ofProject = await add('/projects/acme%2Fsub%2Flib/-/upstreams', 'own')
    ofInstance = await add('/upstreams', 'everywhere', { format: 'npm' })
    await keepFiles(app.core.database, [
      { upstreamId: ofGroup, name: 'pad-left', version: '1.0', size: 1500, usedAt: app.clock.now() },
      { upstreamId: ofGroup, name: 'pad-left', version: '2.0', size: 1500, usedAt: app.clock.now() },
      { upstreamId: ofGroup, name: 'pad-left-out' },
      { upstreamId: ofGroup, name: 'something' },
      { upstreamId: ofProject, name: 'pad-own' },
      { upstreamId: ofInstance, name: '@types/pad', path: '@types/pad/-/pad-1.0.0.tgz' },
    ])
  })
  after(() => app.close())

  const add = async (at: string, name: string, more: object = {}): Promise<number> => {
    const wish = { format: 'generic', name, url: `https://${name}.example`, ...more }
    const { status, body } = await ask(app.root, `POST ${at}`, wish)
    assert.equal(status, 201)
    return body.id
  }
  const publish = async (project: string, name: string) => {
    const at = `/api/v4/projects/${encodeURIComponent(project)}/packages/generic/${name}/1/file`
    assert.equal((await app.root.put(at, 'bytes')).status, 201)
  }
  /** The names and the addresses in the section, and all that it says. */
  const keptOn = async (browser: Browser, path: string) => {
    const { status, text } = await browser.get(path)
    assert.equal(status, 200, path)
    const section = /<section aria-labelledby="(?:kept|names)-title">[^]*?<\/section>/.exec(text)?.[0] ?? ''
    const rows = [...section.matchAll(/class="row-title" href="([^"]+)">([^<]+)</g)]
    return {
      section,
      names: rows.map((row) => row[2]),
      links: rows.map((row) => row[1]!.replaceAll('&amp;', '&')),
    }
  }
  const namesOn = async (browser: Browser, path: string) => (await keptOn(browser, path)).names

  it('stands beside the packages that a search finds, marked with the upstream', async () => {
    const { section, names, links } = await keptOn(reader, '/groups/acme?search=PAD')
    assert.deepEqual(
      names,
      ['pad-left', '@types/pad'],
      'those of the instance too, and what patterns leave out not',
    )
    assert.match(section, />Kept from upstream<[^]*from mirror<[^]*2 files, 3\.0 KB[^]*used [^]*just now/)
    assert.deepEqual(links, [
      `/groups/acme/-/kept?upstream=${ofGroup}&name=pad-left`,
      `/groups/acme/-/kept?upstream=${ofInstance}&name=%40types%2Fpad`,
    ])
    assert.deepEqual(await namesOn(reader, '/groups/acme?search=pad&format=npm'), ['@types/pad'])
    assert.deepEqual(await namesOn(reader, '/groups/acme?search=nothing-of-it'), [])
    assert.deepEqual(await namesOn(reader, '/groups/acme/sub?search=pad-l'), ['pad-left'], 'inherited')
    assert.deepEqual(await namesOn(reader, '/acme/sub/lib?search=pad'), ['pad-own'], "a project's own alone")
    assert.deepEqual(await namesOn(reader, '/?search=pad'), ['pad-left', 'pad-own', '@types/pad'])
    assert.deepEqual(await namesOn(reader, '/groups/acme?search=pad&page=2'), [])
  })

  it('is shown name by name and file by file', async () => {
    const { section } = await keptOn(reader, '/groups/acme')
    const address = /href="([^"]+)">Show what is kept</.exec(section)![1]!
    assert.equal(address, '/groups/acme/-/kept')
    const { names, links } = await keptOn(reader, address)
    assert.deepEqual(names, ['pad-left', 'something', '@types/pad'])
    assert.deepEqual(await namesOn(reader, `${address}?search=some`), ['something'])
    assert.match((await reader.get(`${address}?search=other`)).text, /Nothing that is kept matches/)
    const { text } = await reader.get(links[0]!)
    assert.match(text, /<h1>pad-left<\/h1>[^]*from mirror[^]*Not published here[^]*2 files, 3\.0 KB/)
    assert.match(text, /pad-left\/2\.0\/file[^]*<code>2\.0<\/code>[^]*1\.5 KB[^]*pad-left\/1\.0\/file/)
    assert.match((await reader.get(links[2]!)).text, /@types\/pad\/-\/pad-1\.0\.0\.tgz/)
    assert.equal((await reader.get(`${address}?upstream=${ofGroup}&name=unheard`)).status, 404)
    assert.equal(
      (await reader.get(`${address}?upstream=${ofProject}&name=pad-own`)).status,
      404,
      'of another level',
    )
    assert.equal((await reader.get(`${address}?upstream=x&name=pad-left`)).status, 404)
  })

  it('is for nobody who may not read a level that has the upstream', async () => {
    const [stranger, guest, other] = [
      await app.user('stranger'),
      await app.user('guest'),
      await app.user('other'),
    ]
    await app.member(guest, 'acme/sub/lib', 10)
    await app.member(other, 'apart', 20)
    const one = `upstream=${ofGroup}&name=pad-left`
    for (const who of [stranger, guest]) {
      const browser = await signedIn(app, who)
      for (const path of ['/groups/acme/-/kept', `/groups/acme/-/kept?${one}`])
        assert.equal((await browser.get(path)).status, 404)
      // The instance's registry is open to whoever is signed in.
      assert.deepEqual(await namesOn(browser, '/?search=pad'), ['@types/pad'])
    }
    const seeing = await signedIn(app, guest)
    assert.deepEqual(
      await namesOn(seeing, '/groups/acme?search=pad'),
      [],
      'whoever only sees it reads nothing',
    )
    assert.deepEqual(await namesOn(seeing, '/acme/sub/lib?search=pad'), [])
    assert.equal((await seeing.get('/acme/sub/lib/-/kept')).status, 403)
    const apart = await signedIn(app, other)
    assert.deepEqual(
      await namesOn(apart, '/?search=pad'),
      ['@types/pad'],
      "through a group that has the instance's",
    )
    const nobody = createBrowser(app.url)
    assert.deepEqual(await namesOn(nobody, '/?search=pad-'), [])
    assert.match((await nobody.get('/groups/acme/-/kept')).location, /sign-in/)
  })

  it('is hidden by a name that was published or reserved here, also one that differs in case', async () => {
    const id = await add('/groups/apart/-/upstreams', 'apart')
    const names = ['owned', 'reserved', 'removed', 'kept']
    await keepFiles(
      app.core.database,
      names.map((name) => ({ upstreamId: id, name: `test-${name}` })),
    )
    const root = await signedIn(app, app.root)
    const pages = ['/groups/apart?search=test-', '/groups/apart/-/kept?search=test-', '/?search=test-']
    for (const page of pages) assert.equal((await namesOn(root, page)).length, 4)
    await publish('apart/lib', 'Test-Owned')
    await publish('apart/lib', 'test-removed')
    const removal = await app.root.delete('/api/v4/projects/apart%2Flib/packages/generic/test-removed/1/file')
    assert.equal(removal.status, 204)
    await publish('acme/sub/lib', 'test-kept')
    const wish = { format: 'generic', pattern: 'test-res*' }
    assert.equal((await ask(app.root, 'POST /groups/apart/name_reservations', wish)).status, 201)
    for (const page of pages) assert.deepEqual(await namesOn(root, page), ['test-kept'], page)
    assert.equal((await root.get(`/groups/apart/-/kept?upstream=${id}&name=test-owned`)).status, 404)
    const found = (await root.get('/?search=test-')).text
    assert.match(found, /Packages[^]*Test-Owned[^]*Kept from upstream/, 'packages stand apart')
  })

  it('of the instance is read through groups that ask it, and at the level of the instance', async () => {
    const id = await add('/upstreams', 'all')
    await keepFiles(app.core.database, [
      { upstreamId: id, name: 'shared-free' },
      { upstreamId: id, name: 'shared-owned' },
    ])
    const root = await signedIn(app, app.root)
    assert.deepEqual(await namesOn(root, '/groups/acme?search=shared'), [], 'acme has upstreams of its own')
    await app.project('first/lib')
    await app.project('second/lib')
    await publish('first/lib', 'shared-owned')
    const { names, links } = await keptOn(root, '/?search=shared')
    assert.deepEqual(names, ['shared-free', 'shared-owned'])
    assert.deepEqual(
      links.map((link) => link.split('?')[0]),
      ['/groups/first/-/kept', '/groups/second/-/kept'],
      'shown where it is served',
    )
    assert.deepEqual(await namesOn(root, '/-/kept?search=shared'), ['shared-free'])
    await ask(app.root, 'PUT /groups/first/-/upstreams/inheritance', { format: 'generic', inherit: false })
    assert.deepEqual(await namesOn(root, '/groups/first?search=shared'), [])
  })

  it('is shown twenty at a time beside packages, and page by page', async () => {
    const id = await add('/groups/acme/-/upstreams', 'large')
    const many = Array.from({ length: 60 }, (_, n) => ({
      upstreamId: id,
      name: `many-${String(n).padStart(2, '0')}`,
    }))
    await keepFiles(app.core.database, many)
    const { section, names } = await keptOn(reader, '/groups/acme?search=many')
    assert.deepEqual([names.length, names[0]], [20, 'many-00'])
    assert.match(section, /more than these[^]*href="\/groups\/acme\/-\/kept\?search=many">Show all of them/)
    const pages = ['', '&page=2', '&page=3'].map((page) =>
      namesOn(reader, `/groups/acme/-/kept?search=many${page}`),
    )
    assert.deepEqual(
      (await Promise.all(pages)).map((page) => page.length),
      [25, 25, 10],
    )
    assert.match(
      (await keptOn(reader, '/?search=many')).section,
      /more than these[^]*Search for more of the name/,
    )
  })

  it('is no longer shown when the upstream was removed', async () => {
    const root = await signedIn(app, app.root)
    const page = `/groups/acme/-/kept?upstream=${ofGroup}&name=pad-left`
    assert.equal((await root.get(page)).status, 200)
    await ask(app.root, `DELETE /groups/acme/-/upstreams/${ofGroup}`)
    assert.equal((await root.get(page)).status, 404)
    for (const path of [
      '/groups/acme?search=pad-left',
      '/groups/acme/-/kept?search=pad-left',
      '/?search=pad-left',
    ])
      assert.deepEqual(await namesOn(root, path), [], path)
  })

  it('escapes what upstreams call their files', async () => {
    const name = '"><script>alert(1)</script>'
    await keepFiles(app.core.database, [{ upstreamId: ofProject, name }])
    const query = new URLSearchParams({ upstream: String(ofProject), name })
    for (const path of [
      '/acme/sub/lib?search=script',
      '/acme/sub/lib/-/kept',
      `/acme/sub/lib/-/kept?${query}`,
    ]) {
      const { status, text } = await reader.get(path)
      assert.equal(status, 200)
      assert.match(text, /&lt;script&gt;alert/)
      assert.doesNotMatch(text, /<script>alert/)
    }
  })
})
