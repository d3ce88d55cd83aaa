/** What went wrong elsewhere about who may do what, each as the property that prevents it. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { passwordLink, setupLink } from '../../src/core/access/one-time-links.ts'
import { call } from '../../src/formats/testing/http.ts'
import { abbreviatedType } from '../../src/formats/npm/packument.ts'
import { sampleBody, sampleTarball } from '../../src/formats/npm/samples.ts'
import { createBrowser, signedIn } from '../../src/web/browser.testing.ts'
import { createTestApp, type Actor, type TestApp } from '../app.ts'
import { publishTiny } from '../publish-tiny.ts'
import { restRoutes } from '../rest-routes.ts'
import { bodyFor } from '../route-body.ts'

const npmBody = (name: string, content: string) =>
  JSON.stringify(sampleBody({ name, version: '1.0.0', content }))

describe('who may do what', () => {
  let app: TestApp
  let project = 0
  let packageId = 0
  let at = ''
  let groupAt = ''
  let sam: Actor
  let people: Readonly<Record<'guest' | 'reporter' | 'developer' | 'owner', Actor>>
  before(async () => {
    app = await createTestApp()
    await app.group('acme', { visibility: 'public' })
    project = (await app.project('acme/app')).id
    packageId = await publishTiny(app, 'acme/app', 'private bytes')
    at = `/api/v4/projects/${project}/packages`
    groupAt = `/api/v4/groups/acme/-/packages`
    sam = await app.user('sam')
    const member = async (name: string, role: 10 | 20 | 30 | 50) => {
      const actor = await app.user(name)
      await app.member(actor, 'acme/app', role)
      return actor
    }
    people = {
      guest: await member('gus', 10),
      reporter: await member('rita', 20),
      developer: await member('dan', 30),
      owner: await member('olga', 50),
    }
  })
  after(() => app.close())

  it('a valid token does nothing that its scopes do not say (CVE-2026-42016)', async () => {
    const reading = await app.withScopes(people.owner, 'read_package_registry')
    const looking = await app.withScopes(people.owner, 'read_api')
    let refused = 0
    for (const format of app.core.formats.values()) {
      for (const route of format.routes.filter(({ needs }) => needs === 'publish' || needs === 'delete')) {
        const path = `${at}/${format.id}${route.path.replaceAll(/:\w+\+?/g, 'x')}`
        for (const actor of [reading, looking]) {
          const reply = await actor.request(route.method, path)
          assert.equal(reply.status, 403, `${route.method} ${path}`)
          refused += 1
        }
      }
    }
    for (const route of restRoutes.filter(({ needs }) => needs === 'read' || needs === 'write')) {
      const path = `/api/v4${route.path.replace(':id', String(project)).replaceAll(/:\w+/g, '1')}`
      const body = route.body && bodyFor(route.body)
      const weak = route.needs === 'write' ? [reading, looking] : [reading]
      for (const actor of weak) {
        const reply = await actor.request(route.method, path, { body })
        assert.equal(reply.status, 403, `${route.method} ${path}`)
        assert.equal(((await reply.json()) as { error: string }).error, 'insufficient_scope')
        refused += 1
      }
    }
    assert.ok(refused > 60, String(refused))
  })

  it('no route is without a need, and pages show what REST shows the same person (CVE-2026-97665, -17594)', async () => {
    for (const format of app.core.formats.values())
      for (const { path, needs } of format.routes)
        assert.ok(['nothing', 'read', 'publish', 'delete'].includes(needs), `${format.id} ${path}`)
    for (const { path, needs } of restRoutes) assert.ok(needs, path)
    for (const [actor, rest, page] of [
      [people.reporter, 200, 200],
      [people.guest, 403, 403],
      [sam, 404, 404],
      [app.root, 200, 200],
    ] as const) {
      assert.equal((await actor.get(`/api/v4/projects/${project}/packages/${packageId}`)).status, rest)
      const browser = await signedIn(app, actor)
      assert.equal((await browser.get(`/acme/app/-/packages/${packageId}`)).status, page)
    }
  })

  it('bytes of a private project are no permission: uploading equal ones answers as any upload (CVE-2026-117685)', async () => {
    await app.project('other/app')
    await app.member(sam, 'other/app', 30)
    const other = '/api/v4/projects/other%2Fapp/packages'
    const answers: unknown[] = []
    for (const content of ['private bytes', 'other bytes!!']) {
      const path = `/generic/${content === 'private bytes' ? 'known' : 'fresh'}/1.0/file.bin`
      const { status, headers, text } = await call(sam, app.url + other, {
        method: 'PUT',
        path,
        body: content,
      })
      const { date: _date, 'x-request-id': _id, ...rest } = headers
      answers.push({ status, rest, text })
    }
    assert.deepEqual(answers[0], answers[1])
    assert.equal((await sam.get(`${at}/generic/tiny/1.0/file.bin`)).status, 404)
    // A token that stands on one project may neither read nor write another.
    const wish = { name: 'mine', scopes: ['api'], access_level: 40 }
    const { token } = await app.root.json('POST', '/api/v4/projects/other%2Fapp/access_tokens', wish)
    const machine = { 'private-token': token as string }
    assert.equal((await app.anonymous.get(`${other}/generic/known/1.0/file.bin`, machine)).status, 200)
    assert.equal((await app.anonymous.get(`${at}/generic/tiny/1.0/file.bin`, machine)).status, 404)
    assert.equal((await app.anonymous.put(`${at}/generic/tiny/1.0/more.bin`, 'x', machine)).status, 404)
  })

  it('a group gathers for a caller only what each project lets them read, by every method and in every form (AK#3324, #3023)', async () => {
    const addresses: readonly (readonly [string, Record<string, string>])[] = [
      ['/npm/tiny', {}],
      ['/npm/tiny', { accept: abbreviatedType }],
      ['/npm/tiny', { accept: abbreviatedType, 'accept-encoding': 'gzip' }],
      ['/npm/tiny/1.0.0', {}],
      ['/npm/tiny/-/tiny-1.0.0.tgz', {}],
      ['/npm/tiny/-/tiny-1.0.0.tgz', { range: 'bytes=0-3' }],
      ['/npm/-/package/tiny/dist-tags', {}],
      ['/maven/acme/app/tiny/maven-metadata.xml', {}],
      ['/maven/acme/app/tiny/maven-metadata.xml.sha1', {}],
      ['/maven/acme/app/tiny/1.0/tiny-1.0.jar', {}],
      ['/maven/acme/app/tiny/1.0/tiny-1.0.jar.sha1', {}],
      ['/generic/tiny/1.0/file.bin', {}],
    ]
    for (const [path, headers] of addresses) {
      for (const method of ['GET', 'HEAD']) {
        // A reader first, so that everything is rendered and kept.
        const read = await people.reporter.request(method, groupAt + path, { headers })
        assert.ok(read.ok, `${method} ${path}: ${read.status}`)
        const unchanged = { ...headers, 'if-none-match': read.headers.get('etag') ?? '*' }
        for (const asked of [headers, unchanged, { ...headers, 'if-none-match': '*' }]) {
          for (const [actor, status] of [
            [app.anonymous, 401],
            [sam, 404],
            [people.guest, 404],
          ] as const) {
            const reply = await actor.request(method, groupAt + path, { headers: asked })
            assert.equal(reply.status, status, `${method} ${path} by ${actor.username || 'nobody'}`)
            assert.doesNotMatch(await reply.text(), /private bytes|tarball|<version>|dist-tags/)
            for (const name of ['etag', 'content-range', 'last-modified', 'content-disposition'])
              assert.equal(reply.headers.get(name), null, `${name} of ${path}`)
          }
        }
      }
    }
  })

  it('a link for one use is used once, by however many at once (PyPI TOB-1)', async () => {
    const zoe = await app.user('zoe')
    const now = app.clock.now()
    const link = new URL(await app.core.database.write((db) => passwordLink(db, app.url, zoe.id, now)))
    const key = link.searchParams.get('key')!
    const passwords = Array.from({ length: 20 }, (_, index) => `correct horse ${index}`)
    const replies = await Promise.all(
      passwords.map((password) =>
        createBrowser(app.url).submit('/password', { key, password, repeated: password }),
      ),
    )
    assert.equal(
      replies.filter(({ status }) => status === 303).length,
      1,
      replies.map(({ status }) => status).join(),
    )
    const entered = await Promise.all(
      passwords.map((password) => createBrowser(app.url).submit('/sign-in', { username: 'zoe', password })),
    )
    assert.equal(entered.filter(({ status }) => status === 303).length, 1)
  })

  it('a package is its name and its version, never the two joined (CVE-2022-29176)', async () => {
    const pairs = [
      ['rails-html', 'sanitizer-1.4.2'],
      ['rails-html-sanitizer', '1.4.2'],
      ['rails', 'html-sanitizer-1.4.2'],
    ] as const
    const path = ([name, version]: readonly [string, string]) => `${at}/generic/${name}/${version}/file.bin`
    for (const pair of pairs) {
      const reply = await people.developer.put(path(pair), pair.join(' '))
      assert.equal(reply.status, 201, await reply.text())
    }
    assert.equal((await app.root.delete(path(pairs[0]))).status, 204)
    assert.equal((await app.root.get(path(pairs[0]))).status, 404)
    for (const pair of pairs.slice(1))
      assert.equal(await (await app.root.get(path(pair))).text(), pair.join(' '))
    // The same for npm, where file names join the two.
    for (const [name, version] of [
      ['a-1.0.0', '2.0.0'],
      ['a', '1.0.0-2.0.0'],
    ] as const) {
      const body = JSON.stringify(sampleBody({ name, version, content: name }))
      assert.equal((await people.developer.put(`${at}/npm/${name}`, body)).status, 201)
    }
    const tarball = async (name: string, version: string) => {
      const reply = await people.reporter.get(`${at}/npm/${name}/-/${name}-${version}.tgz`)
      return Buffer.from(await reply.arrayBuffer())
    }
    assert.deepEqual(await tarball('a-1.0.0', '2.0.0'), sampleTarball('a-1.0.0'))
    assert.deepEqual(await tarball('a', '1.0.0-2.0.0'), sampleTarball('a'))
  })

  it('the name that is written is the name that was asked for and authorised (npm, November 2021)', async () => {
    const earlier = await packagesOf(app)
    for (const [asked, inside] of [
      ['mine', 'theirs'],
      ['mine', '@acme/tiny'],
      ['@acme%2fmine', '@acme/theirs'],
      ['mine', 'Mine'],
    ] as const) {
      const reply = await people.developer.put(`${at}/npm/${asked}`, npmBody(inside, 'x'))
      assert.equal(reply.status, 400, `${asked} ${inside}`)
      const mixed = {
        ...sampleBody({ name: inside, version: '1.0.0', content: 'x' }),
        name: 'mine',
        _id: 'mine',
      }
      const second = await people.developer.put(`${at}/npm/${asked}`, JSON.stringify(mixed))
      assert.equal(second.status, 400, `${asked} ${inside}`)
    }
    assert.deepEqual(await packagesOf(app), earlier)
    assert.equal((await sam.put(`${at}/npm/tiny`, npmBody('tiny', 'x'))).status, 404)
  })
})

async function packagesOf({ core }: TestApp): Promise<unknown> {
  return core.database.read.selectFrom('packages').select(['id', 'version', 'status']).orderBy('id').execute()
}

describe('a fresh server', () => {
  it('has no account but the one its one-time setup link makes (CVE-2026-4404)', async () => {
    const app = await createTestApp()
    try {
      const { database } = app.core
      await database.write(async (db) => {
        await db.deleteFrom('tokens').execute()
        await db.deleteFrom('users').execute()
      })
      for (const [username, password] of [
        ['admin', 'admin'],
        ['admin', 'password'],
        ['admin', 'Harbor12345'],
        ['admin', 'admin123'],
        ['root', 'root'],
        ['root', '5iveL!fe'],
        ['', ''],
      ] as const) {
        assert.equal((await createBrowser(app.url).submit('/sign-in', { username, password })).status, 401)
        const basic = Buffer.from(`${username}:${password}`).toString('base64')
        assert.equal(
          (await app.anonymous.get('/api/v4/user', { authorization: `Basic ${basic}` })).status,
          401,
        )
      }
      assert.equal((await createBrowser(app.url).get('/setup')).status, 404)
      assert.equal((await createBrowser(app.url).get('/setup?key=')).status, 404)
      const key = new URL(await setupLink(database, app.url, app.clock.now())).searchParams.get('key')!
      const password = 'correct horse battery'
      const claims = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          createBrowser(app.url).submit('/setup', {
            key,
            username: `first-${index}`,
            password,
            repeated: password,
          }),
        ),
      )
      assert.equal(claims.filter(({ status }) => status === 303).length, 1)
      const users = await database.read.selectFrom('users').select('admin').execute()
      assert.deepEqual(
        users.map(({ admin }) => admin),
        [1],
      )
    } finally {
      await app.close()
    }
  })
})
