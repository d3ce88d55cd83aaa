/** Whatever a request holds that is secret, no line of the log shows it: not at level trace, not where things go wrong. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { setupLink, passwordLink } from '../../src/core/access/one-time-links.ts'
import { makeToken } from '../../src/lib/tokens.ts'
import { createTestApp, type TestApp } from '../app.ts'

const lines: string[] = []
const metricsToken = 'metrics-secret-4711-of-some-length'
const password = 'the account password of alice'
let app: TestApp
before(async () => {
  app = await createTestApp({
    log: (line) => lines.push(line),
    env: { ENTREPOT_METRICS__TOKEN: metricsToken, ENTREPOT_AUDIT__LOG: 'true' },
  })
  await app.project('acme/lib')
})
after(() => app.close())

const file = '/api/v4/projects/acme%2Flib/packages/generic/tool/1.0/file'
const lib = '/api/v4/projects/acme%2Flib'

/** Every kind of token: those that people and owners make, and well-formed ones of each prefix that nobody has. */
async function tokens(): Promise<string[]> {
  const { root } = app
  const wish = { name: 'robot', scopes: ['api'], access_level: 30 }
  const deploy = { name: 'servers', scopes: ['read_package_registry', 'write_package_registry'] }
  const made = [
    await root.json('POST', `${lib}/access_tokens`, wish),
    await root.json('POST', '/api/v4/groups/acme/access_tokens', wish),
    await root.json('POST', `${lib}/deploy_tokens`, deploy),
    await root.json('POST', '/api/v4/user/personal_access_tokens', { name: 'mine', scopes: ['api'] }),
  ].map(({ token }) => token as string)
  return [root.token, ...made, ...['ept_', 'epa_', 'epd_', 'epj_'].map(makeToken)]
}

const basic = (user: string, secret: string) => `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`

/** Sends a secret in every way that one can travel. */
async function sendEverywhere(secret: string): Promise<void> {
  const { anonymous } = app
  const inQuery = encodeURIComponent(secret)
  const headers: Record<string, string>[] = [
    { 'private-token': secret },
    { 'job-token': secret },
    { 'deploy-token': secret },
    { authorization: `Bearer ${secret}` },
    { authorization: basic('alice', secret) },
    { authorization: basic(secret, '') },
    { authorization: secret },
    { 'x-request-id': secret },
    { cookie: `entrepot_session=${inQuery}` },
  ]
  for (const carried of headers) {
    await (await anonymous.get(file, carried)).arrayBuffer()
    await (await anonymous.put(file, 'bytes', carried)).arrayBuffer()
    await (await anonymous.get(`${lib}/packages`, carried)).arrayBuffer()
    await (await anonymous.get('/-/metrics', carried)).arrayBuffer()
    await (await anonymous.get('/', carried)).arrayBuffer()
  }
  const queries = ['private_token', 'access_token', 'job_token', 'token', 'key', 'code', 'state']
  for (const path of [
    file,
    `${lib}/packages`,
    '/setup',
    '/password',
    '/sign-in',
    '/sso/callback',
    '/-/health',
    '/nothing',
  ]) {
    const query = queries.map((name) => `${name}=${inQuery}`).join('&')
    await (await anonymous.get(`${path}?${query}`)).arrayBuffer()
  }
  const login = { name: 'alice', password: secret }
  await anonymous.put(`${lib}/packages/npm/-/user/org.couchdb.user:alice`, login)
  await anonymous.post('/api/v4/job_tokens/exchange', { id_token: secret })
  const form = new URLSearchParams({ username: 'alice', password: secret, key: secret }).toString()
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  for (const path of ['/sign-in', '/setup', '/password']) await anonymous.post(path, form, type)
  for (const target of [
    `/%00?token=${inQuery}`,
    `/a/../b?token=${inQuery}`,
    `/${'x'.repeat(20_000)}?token=${inQuery}`,
  ])
    await raw(`GET ${target} HTTP/1.1\r\nHost: x\r\nPrivate-Token: ${secret}\r\nConnection: close\r\n\r\n`)
  await raw(`GET / HTTP/1.1\r\nPrivate-Token: ${secret}\r\nno header at all\r\n\r\n`)
}

async function raw(request: string): Promise<void> {
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1')
  socket.on('error', () => {})
  socket.write(request)
  await text(socket)
}

/** Lines that hold the secret, also as headers and addresses spell it. */
function leaks(secret: string): string[] {
  const spellings = [
    secret,
    encodeURIComponent(secret),
    basic('alice', secret).slice(6),
    basic(secret, '').slice(6),
    JSON.stringify(secret).slice(1, -1),
  ]
  return lines.filter((line) => spellings.some((spelling) => line.includes(spelling)))
}

test('tokens of every kind, passwords, links and the like appear in no line', async () => {
  const { database } = app.core
  const alice = await app.user('alice')
  const links = [
    await setupLink(database, app.url, app.clock.now()),
    await database.write((db) => passwordLink(db, app.url, alice.id, app.clock.now())),
  ].map((link) => new URL(link).searchParams.get('key')!)
  const jwt = `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.${Buffer.from('{"iss":"https://issuer.example"}').toString('base64url')}.c2lnbmF0dXJl`
  const secrets = [...(await tokens()), ...links, password, metricsToken, jwt]
  const hook = 'the secret token of a webhook'
  const { id } = await app.root.json('POST', `${lib}/hooks`, { url: 'http://127.0.0.1:9/', token: hook })
  for (const secret of secrets) await sendEverywhere(secret)
  await app.root.json('DELETE', `${lib}/hooks/${id}`)
  await database.write((db) => db.deleteFrom('jobs').where('kind', '=', 'webhook').execute())
  // Revoking is for the last: what is told to it is lost.
  for (const secret of secrets) await app.anonymous.post('/api/v4/tokens/revoke', { token: secret })
  assert.ok(lines.length > 500, `${lines.length} lines were logged`)
  for (const secret of [...secrets, hook]) assert.deepEqual(leaks(secret), [])
})

test('nor where the server fails, whose answer names the request that the log tells of', async () => {
  const { blobs, files } = app.core
  const root = await app.user('root2', { admin: true })
  assert.equal((await root.put(file.replace('1.0', '2.0'), Buffer.alloc(300_000))).status, 201)
  const opened = blobs.open
  Object.assign(blobs, {
    open: () => {
      throw new Error('the disk is on fire')
    },
  })
  const reply = await root.get(`${file.replace('1.0', '2.0')}?private_token=${root.token}`)
  Object.assign(blobs, { open: opened })
  const id = reply.headers.get('x-request-id')!
  assert.equal(reply.status, 500)
  assert.match(await reply.text(), new RegExp(`500 Internal Server Error \\(request ${id}\\)`))
  const told = lines.filter((line) => line.includes(id)).map((line) => JSON.parse(line))
  assert.deepEqual(
    told.map(({ msg, level }) => [msg, level]),
    [
      ['request failed', 50],
      ['request', 30],
    ],
  )
  const { route, format, caller, status, address } = told[1]
  assert.deepEqual(
    { route, format, caller, status, address },
    {
      route: '/api/v4/projects/:id/packages/generic/:name/:version/:path+',
      format: 'generic',
      caller: 'root2',
      status: 500,
      address: '127.0.0.1',
    },
  )
  assert.deepEqual(leaks(root.token), [])
  assert.ok(files)
  app.errors.length = 0
})
