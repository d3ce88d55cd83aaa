import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { createTestApp, type TestApp } from '../../../../test/app.ts'
import { ask } from '../../../../test/ask.ts'
import { letFill } from '../../../../test/filling-format.ts'

let app: TestApp
let url: string
const heard: { readonly path: string; readonly headers: IncomingHttpHeaders }[] = []
const secretAnswer = 'what stands inside'

/** Answers `/status/404` with that status. */
const upstream = createServer((req, res) => {
  heard.push({ path: req.url!, headers: req.headers })
  const [, what, status] = req.url!.split('/')
  if (what === 'big') return void res.end(Buffer.alloc(2 * 1024 * 1024))
  if (what === 'away') return void res.writeHead(302, { location: `http://127.0.0.2:1/` }).end()
  res.writeHead(Number(status || 200)).end(secretAnswer)
})
before(async () => {
  app = await createTestApp()
  letFill(app, 'generic')
  await app.group('team')
  await once(upstream.listen(0, '127.0.0.1'), 'listening')
  url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
})
after(async () => {
  upstream.closeAllConnections()
  await new Promise((done) => upstream.close(done))
  await app.close()
})

const at = '/groups/team/-/upstreams'
const format = 'generic'
const tried = async (path: string, credential: object = {}) => {
  const answer = await ask(app.root, `POST ${at}/test`, { format, url: url + path, ...credential })
  assert.equal(answer.status, 200)
  assert.ok(!JSON.stringify(answer.body).includes(secretAnswer))
  return answer.body
}

test('a test says the status of the address, or that there was none, and nothing else', async () => {
  const token = { token: 'hunter2' }
  for (const [path, credential, expected] of [
    ['', {}, { ok: true, status: 200, message: 'it answers' }],
    ['/status/404', {}, { ok: true, status: 404, message: 'it answers' }],
    ['/status/401', {}, { ok: false, status: 401, message: 'it wants a credential' }],
    ['/status/401', token, { ok: false, status: 401, message: 'it refused the credential' }],
    ['/status/403', token, { ok: false, status: 403, message: 'it refused the credential' }],
    ['/status/400', {}, { ok: false, status: 400, message: 'it refuses the request' }],
    ['/status/500', {}, { ok: false, status: 500, message: 'it fails' }],
    ['/big', {}, { ok: true, status: null, message: 'it answers' }],
    ['/away', {}, { ok: false, status: null, message: 'not reachable' }],
  ] as const)
    assert.deepEqual(await tried(path, credential), expected, path)
  const nobody = { format, url: 'https://127.0.0.1:1' }
  const failed = { ok: false, status: null, message: 'not reachable' }
  assert.deepEqual((await ask(app.root, `POST ${at}/test`, nobody)).body, failed)
})

test('what lies inside the network and nobody listed is not told from what is not there', async () => {
  const strict = await createTestApp({ env: { ENTREPOT_EGRESS__ALLOW: '' } })
  try {
    letFill(strict, format)
    const asked = heard.length
    const wish = { format, url }
    const { body } = await ask(strict.root, 'POST /upstreams/test', wish)
    assert.deepEqual(body, { ok: false, status: null, message: 'not reachable' })
    assert.equal(heard.length, asked)
  } finally {
    await strict.close()
  }
})

test('the credential of an upstream is sent with its test, as it was given', async () => {
  const authorization = () => heard.at(-1)!.headers.authorization
  await tried('/plain')
  assert.equal(authorization(), undefined)
  await tried('/basic', { username: 'bot', password: 'pä:ss' })
  assert.equal(authorization(), `Basic ${Buffer.from('bot:pä:ss').toString('base64')}`)
  const { id } = (await ask(app.root, `POST ${at}`, { format, url: `${url}/all`, token: 'hunter2' })).body
  const { body } = await ask(app.root, `POST ${at}/${id}/test`, {})
  assert.deepEqual(body, { ok: true, status: 200, message: 'it answers' })
  assert.deepEqual([heard.at(-1)!.path, authorization()], ['/all/', 'Bearer hunter2'])
})

test('a credential that was sealed under another key is to be given anew', async () => {
  const { id } = (await ask(app.root, `POST ${at}`, { format, url: `${url}/sealed`, token: 'x' })).body
  const credential = `s1.${'0'.repeat(16)}.${'A'.repeat(60)}`
  await app.core.database.write((db) =>
    db.updateTable('upstreams').set({ credential }).where('id', '=', id).execute(),
  )
  const { body } = await ask(app.root, `POST ${at}/${id}/test`, {})
  assert.equal(body.ok, false)
  assert.match(body.message, /another secret key: give it anew/)
})
