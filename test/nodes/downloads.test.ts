/** Downloads from a bucket: clients are sent there, or not. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { createTestApp, type TestApp } from '../app.ts'
import { startS3Proxy, type S3Proxy } from './s3-proxy.ts'
import { startVersitygw, type S3Server } from './versitygw.ts'

const bytes = randomBytes(600_000)
const digest = createHash('sha256').update(bytes).digest('hex')

describe('a file in a bucket', () => {
  let server: S3Server
  let proxy: S3Proxy
  let app: TestApp
  let path = ''

  before(async () => {
    server = await startVersitygw()
    await server.makeBucket('packages')
    proxy = await startS3Proxy({ to: server.endpoint })
    const endpoint = { ENTREPOT_PACKAGES__OBJECT_STORE__CONNECTION__ENDPOINT: proxy.endpoint }
    app = await createTestApp({ env: server.settings('packages', endpoint) })
    const { id } = await app.project('acme/files', { visibility: 'private' })
    path = `/api/v4/projects/${id}/packages/generic/files/1.0/`
    assert.equal((await app.root.put(`${path}tool~x.bin`, bytes)).status, 201)
    assert.equal((await app.root.put(`${path}small.txt`, 'small')).status, 201)
  })
  after(async () => {
    await app.close()
    await proxy.stop()
    await server.stop()
  })
  const file = () => `${path}tool~x.bin`

  it('is downloaded from there, by an address for this once and this method', async () => {
    for (const method of ['GET', 'HEAD'] as const) {
      const reply = await app.root.request(method, file())
      assert.equal(reply.status, 302)
      assert.equal(reply.headers.get('cache-control'), 'private, no-store')
      assert.equal(reply.headers.get('content-length'), '0')
      assert.equal(reply.headers.get('etag'), null)
      const location = reply.headers.get('location')!
      assert.ok(location.startsWith(proxy.endpoint))
      assert.equal(new URL(location).searchParams.get('X-Amz-Expires'), '300')
      const found = await fetch(location, { method })
      assert.equal(found.status, 200)
      assert.equal(found.headers.get('content-type'), 'application/octet-stream')
      assert.equal(found.headers.get('content-disposition'), 'attachment; filename="tool~x.bin"')
      assert.equal(found.headers.get('content-length'), String(bytes.length))
      const got = Buffer.from(await found.arrayBuffer())
      if (method === 'GET') assert.ok(got.equals(bytes))
      const other = await fetch(location, { method: method === 'GET' ? 'HEAD' : 'GET' })
      assert.equal(other.status, 403, 'the other method')
    }
  })

  it('comes in stretches, too', async () => {
    const range = { range: 'bytes=100-199' }
    const reply = await app.root.get(file(), range)
    assert.equal(reply.status, 302)
    const found = await fetch(reply.headers.get('location')!, { headers: range })
    assert.equal(found.status, 206)
    assert.ok(Buffer.from(await found.arrayBuffer()).equals(bytes.subarray(100, 200)))
  })

  it('is not sent again to those who have it, nor shown to others', async () => {
    assert.equal((await app.root.get(file(), { 'if-none-match': `"${digest}"` })).status, 304)
    assert.equal((await app.root.get(file(), { 'if-match': '"other"' })).status, 412)
    assert.equal((await app.root.get(file(), { range: 'bytes=9999999-' })).status, 416)
    const stranger = await app.anonymous.get(file())
    assert.equal(stranger.status, 401)
    assert.equal(stranger.headers.get('location'), null)
  })

  it('is refused where a credential of ours comes along, as the large provider does', async () => {
    const location = (await app.root.get(file())).headers.get('location')!
    const refused = proxy.doublySigned()
    const reply = await fetch(location, { headers: { authorization: 'Bearer x' } })
    assert.equal(reply.status, 400)
    assert.equal(proxy.doublySigned(), refused + 1)
  })

  it('comes from us where it is small', async () => {
    const reply = await app.root.get(`${path}small.txt`)
    assert.deepEqual([reply.status, await reply.text()], [200, 'small'])
  })

  it('comes from us where its format says that its clients cannot be sent elsewhere', async () => {
    const format = app.core.formats.get('generic')!
    Object.assign(format, { followsRedirects: false })
    try {
      const reply = await app.root.get(file())
      assert.equal(reply.status, 200)
      assert.ok(Buffer.from(await reply.arrayBuffer()).equals(bytes))
      assert.equal(reply.headers.get('etag'), `"${digest}"`)
    } finally {
      Object.assign(format, { followsRedirects: undefined })
    }
  })
})
