/** What supervisors, load balancers and Prometheus ask. */
import assert from 'node:assert/strict'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createTestApp, type TestApp } from '../app.ts'

const token = 'a token for whoever scrapes'
let app: TestApp
before(async () => {
  app = await createTestApp({ anonymous: false, env: { ENTREPOT_METRICS__TOKEN: token } })
  await app.project('acme/app')
})
after(() => app.close())

const file = '/api/v4/projects/acme%2Fapp/packages/generic'
const metrics = async (headers: Record<string, string> = {}) => app.anonymous.get('/-/metrics', headers)
const ok = [{ status: 'ok' }]

test('liveness, health and readiness answer without a credential', async () => {
  const answers = {
    '/-/liveness': { status: 'ok' },
    '/-/health': { status: 'ok', database_check: ok },
    '/-/readiness': { status: 'ok', shutdown_check: ok, database_check: ok, storage_check: ok },
  }
  for (const [path, expected] of Object.entries(answers)) {
    const reply = await app.anonymous.get(path)
    assert.deepEqual([reply.status, await reply.json()], [200, expected])
    assert.equal(reply.headers.get('cache-control'), 'no-store')
    assert.equal((await app.anonymous.post(path)).status, 405)
  }
})

test('readiness names what fails, and neither why nor where', async () => {
  const { storagePath } = app.config.packages
  await rename(join(storagePath, 'blobs'), join(storagePath, 'gone'))
  await new Promise((resolve) => setTimeout(resolve, 600))
  const reply = await app.anonymous.get('/-/readiness')
  const body = await reply.text()
  await rename(join(storagePath, 'gone'), join(storagePath, 'blobs'))
  assert.equal(reply.status, 503)
  assert.deepEqual(JSON.parse(body).storage_check, [
    { status: 'failed', message: 'packages can be neither stored nor read' },
  ])
  assert.ok(!body.includes(storagePath))
  assert.equal((await app.anonymous.get('/-/liveness')).status, 200)
  await new Promise((resolve) => setTimeout(resolve, 600))
  assert.equal((await app.anonymous.get('/-/readiness')).status, 200)
})

test('a check that hangs has failed after two seconds, and is asked once for all who wait', async () => {
  let asked = 0
  const { check } = app.core.blobs
  const hang = () => {
    asked += 1
    return new Promise<void>(() => {})
  }
  Object.assign(app.core.blobs, { check: hang })
  await new Promise((resolve) => setTimeout(resolve, 600))
  const began = performance.now()
  const all = await Promise.all(Array.from({ length: 20 }, () => app.anonymous.get('/-/readiness')))
  Object.assign(app.core.blobs, { check })
  assert.ok(all.every(({ status }) => status === 503))
  assert.ok(performance.now() - began < 10_000)
  assert.equal(asked, 1)
})

test('metrics are for this machine and for who has the token, and nobody reads them through a proxy', async () => {
  const reply = await metrics()
  assert.equal(reply.status, 200)
  assert.equal(reply.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  const forwarded = { 'x-forwarded-for': '192.0.2.7' }
  const others: Record<string, string>[] = [{ 'x-real-ip': '127.0.0.1' }, { forwarded: 'for=127.0.0.1' }]
  for (const headers of [forwarded, ...others]) assert.equal((await metrics(headers)).status, 404)
  assert.equal((await metrics({ ...forwarded, authorization: `Bearer ${token}` })).status, 200)
  assert.equal((await metrics({ ...forwarded, authorization: `Bearer ${token}x` })).status, 404)
})

test('requests are counted by the pattern of their address, whatever they ask for', async () => {
  for (let count = 0; count < 30; count++) {
    assert.equal((await app.root.put(`${file}/tool-${count}/1/f`, 'some bytes')).status, 201)
    assert.equal((await app.root.get(`${file}/nothing-${count}/1/f`)).status, 404)
    await app.anonymous.get(`/no/such/page-${count}`)
    await app.anonymous.request('PROPFIND', `/x-${count}`)
    await app.root.get(`/api/v4/none-${count}`)
  }
  assert.equal((await app.root.delete(`${file}/tool-1/1/f`)).status, 204)
  const text = await (await metrics()).text()
  assert.doesNotMatch(text, /tool-|nothing-|page-|none-|x-\d|acme/)
  const pattern = '/api/v4/projects/:id/packages/generic/:name/:version/:path+'
  const line = `entrepot_http_requests_total{format="generic",route="${pattern}",method="PUT",status="2xx"} 30`
  assert.ok(text.includes(line), text)
  assert.match(text, /^entrepot_publications_total\{format="generic"\} 30$/m)
  assert.match(text, /^entrepot_removals_total\{format="generic"\} 1$/m)
  assert.match(text, /^entrepot_storage_duration_seconds_count\{operation="write"\} 30$/m)
  assert.match(text, /^entrepot_storage_free_bytes \d{6,}$/m)
  assert.match(text, /^entrepot_info\{version="[^"]+",node="24[^"]+"\} 1$/m)
  assert.match(text, /^process_resident_memory_bytes \d+$/m)
  const series = text.split('\n').filter((one) => one.startsWith('entrepot_http_requests_total{'))
  assert.ok(series.length < 20, `${series.length} series`)
})
