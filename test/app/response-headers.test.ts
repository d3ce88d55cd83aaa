/** What every answer says to caches and browsers: nothing private is shared, nothing uploaded runs as a page of ours. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createBrowser, signedIn } from '../../src/web/browser.testing.ts'
import { sampleBody } from '../../src/formats/npm/samples.ts'
import { createTestApp, type TestApp } from '../app.ts'
import { ask } from '../ask.ts'

const credentialHeaders = ['authorization', 'private-token', 'job-token', 'deploy-token']
// oxlint-disable-next-line no-control-regex -- they are what must not be there
const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

function varies(headers: Headers): string[] {
  return (headers.get('vary') ?? '').toLowerCase().split(/, */).toSorted()
}

describe('headers of answers', () => {
  let app: TestApp
  let at = ''
  let openAt = ''
  before(async () => {
    app = await createTestApp()
    at = `/api/v4/projects/${(await app.project('acme/app')).id}/packages`
    openAt = `/api/v4/projects/${(await app.project('open/app', { visibility: 'public' })).id}/packages`
    const page = '<script>alert(1)</script>'
    for (const level of [at, openAt]) {
      assert.equal((await app.root.put(`${level}/generic/site/1.0/index.html`, page)).status, 201)
      assert.equal((await app.root.put(`${level}/generic/site/1.0/big.svg`, page.repeat(20_000))).status, 201)
      const body = JSON.stringify(sampleBody({ name: 'tiny', version: '1.0.0', content: 'x' }))
      assert.equal((await app.root.put(`${level}/npm/tiny`, body)).status, 201)
    }
  })
  after(() => app.close())

  const reads = ['/generic/site/1.0/index.html', '/generic/site/1.0/big.svg', '/npm/tiny', '/npm/none']

  it('of packages: private ones are kept by nobody else, and every credential header is named', async () => {
    const vary = ['accept', 'accept-encoding', ...credentialHeaders].toSorted()
    for (const path of reads) {
      for (const method of ['GET', 'HEAD']) {
        const hers = await app.root.request(method, at + path)
        assert.equal(hers.headers.get('cache-control'), 'private, no-cache', path)
        assert.deepEqual(varies(hers.headers), vary, path)
        const refused = await app.anonymous.request(method, at + path)
        assert.equal(refused.status, 401)
        assert.equal(refused.headers.get('cache-control'), 'private, no-cache', path)
        assert.deepEqual(varies(refused.headers), vary, path)
        const open = await app.anonymous.request(method, openAt + path)
        assert.equal(open.headers.get('cache-control'), 'no-cache', path)
        assert.deepEqual(varies(open.headers), vary, path)
        const again = await app.root.request(method, at + path, {
          headers: { 'if-none-match': hers.headers.get('etag') ?? '"x"' },
        })
        assert.equal(again.headers.get('cache-control'), 'private, no-cache', path)
        assert.deepEqual(varies(again.headers), vary, path)
        for (const one of [hers, refused, open, again]) await one.arrayBuffer()
      }
    }
    const cached = await app.root.get(`${at}/npm/tiny`, { 'if-none-match': '*' })
    assert.equal(cached.status, 304)
    const written = await app.root.put(`${at}/generic/site/1.0/more.txt`, 'x')
    assert.equal(written.headers.get('cache-control'), 'private, no-store')
  })

  it('of what users uploaded: an attachment that no browser runs or embeds', async () => {
    const [{ id: packageId }] = (
      await ask(app.root, `GET /projects/acme%2Fapp/packages?package_type=generic`)
    ).body
    const files = (await ask(app.root, `GET /projects/acme%2Fapp/packages/${packageId}/package_files`)).body
    const file = files.find(({ file_name }: { file_name: string }) => file_name === 'index.html')
    const browser = await signedIn(app, app.root)
    const downloads = [
      await app.root.get(`${at}/generic/site/1.0/index.html`),
      await app.root.get(`${at}/generic/site/1.0/big.svg`, { range: 'bytes=0-9' }),
      await app.root.get(`${at}/npm/tiny/-/tiny-1.0.0.tgz`),
      await browser.get(`/acme/app/-/package_files/${file.id}/download`),
    ]
    for (const { status, headers } of downloads) {
      assert.ok(status === 200 || status === 206)
      assert.match(headers.get('content-disposition') ?? '', /^attachment; filename/)
      assert.equal(headers.get('content-type'), 'application/octet-stream')
      isHarmless(headers)
      assert.match(headers.get('cache-control') ?? '', /^private, no-/)
    }
  })

  it('of REST: nothing is stored, tokens least of all', async () => {
    const answers = [
      await app.root.get('/api/v4/projects'),
      await app.root.get('/api/v4/projects/missing'),
      await app.root.get('/api/v4/nothing/like/that'),
      await app.anonymous.get('/api/v4/user'),
      await app.root.post('/api/v4/personal_access_tokens', '{', { 'content-type': 'application/json' }),
      await app.root.post('/api/v4/user/personal_access_tokens', { name: 'x', scopes: ['read_api'] }),
    ]
    for (const { status, url, headers } of answers) {
      assert.equal(headers.get('cache-control'), 'private, no-store', `${status} ${url}`)
      for (const name of credentialHeaders) assert.ok(varies(headers).includes(name), `${url} ${name}`)
      isHarmless(headers)
    }
    const login = await app.anonymous.put(`${at}/npm/-/user/org.couchdb.user:root`, {
      name: 'root',
      password: app.root.token,
    })
    assert.equal(login.status, 201)
    assert.equal(login.headers.get('cache-control'), 'private, no-store')
  })

  it('of pages, of what is no address, and of what is no request', async () => {
    const browser = await signedIn(app, app.root)
    const answers = [
      await browser.get('/acme/app'),
      await browser.get('/sign-in'),
      await createBrowser(app.url).get('/acme/app'),
      await app.anonymous.delete('/acme/app'),
      await app.anonymous.get('/v2/none'),
      await app.anonymous.get('/%00'),
      await app.anonymous.get('/-/health'),
    ]
    for (const { status, headers } of answers) {
      assert.match(headers.get('cache-control') ?? '', /no-store/, String(status))
      assert.equal(headers.get('x-content-type-options'), 'nosniff', String(status))
      assert.ok(headers.get('content-security-policy'), String(status))
      assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin', String(status))
      assert.equal(headers.get('access-control-allow-origin'), null)
    }
  })

  it('and their messages hold no control characters, whatever was asked for', async () => {
    const odd = ['%0d%0aset-cookie:%20a=b', 'a%1b%5b31m', 'a%00', '%e2%80%aeb', 'a%C2%85', 'a\tb', 'é%0a']
    const answers: Response[] = []
    for (const name of odd) {
      for (const path of [
        `${at}/npm/${name}`,
        `${at}/generic/${name}/1.0/x`,
        `/api/v4/projects/${name}`,
        `/${name}`,
      ])
        answers.push(await app.root.get(path))
      const plain = decodeURIComponent(name)
      for (const [path, body] of [
        ['/groups', { name: plain, path: 'good' }],
        ['/groups', { name: 'good', path: plain }],
        ['/users', { username: plain }],
        ['/user/personal_access_tokens', { name: plain, scopes: ['read_api'] }],
      ] as const) {
        const reply = await app.root.post(`/api/v4${path}`, body)
        const isPlain = !controls.test(plain.normalize('NFC'))
        if (!isPlain) assert.equal(reply.status, 400, `${path} ${name}`)
        answers.push(reply)
      }
    }
    for (const reply of answers) {
      assert.ok(reply.status < 500, reply.url)
      assert.equal(reply.headers.get('set-cookie'), null)
      assert.doesNotMatch(reply.statusText, controls)
      for (const [name, value] of reply.headers) assert.doesNotMatch(value, controls, name)
      assert.doesNotMatch(await reply.text(), controls, reply.url)
    }
  })
})

function isHarmless(headers: Headers): void {
  assert.equal(headers.get('x-content-type-options'), 'nosniff')
  assert.match(headers.get('content-security-policy') ?? '', /^sandbox; default-src 'none'/)
  assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin')
}
