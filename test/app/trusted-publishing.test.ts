/** CI jobs get tokens where the clients of formats ask for them. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { hashToken } from '../../src/lib/tokens.ts'
import { createTestApp, type TestApp } from '../app.ts'
import { ask } from '../ask.ts'
import { startIssuer, type TestIssuer } from '../issuer.ts'

let app: TestApp
let issuer: TestIssuer

before(async () => {
  issuer = await startIssuer()
  app = await createTestApp({ env: { ENTREPOT_TRUSTS__INTERNAL_ISSUERS: issuer.url }, anonymous: false })
})
after(async () => {
  await app.close()
  await issuer.close()
})

async function trust(on: string, more: object = {}): Promise<number> {
  const wish = { name: on, issuer: issuer.url, conditions: { sub: 'job' }, ...more }
  const { status, body } = await ask(app.root, `POST ${on}/trusts`, wish)
  assert.equal(status, 201, JSON.stringify(body))
  return body.id
}

async function npmExchange(at: string, name: string, claims: object) {
  const idToken = await issuer.sign({ sub: 'job', ...claims })
  const path = `${at}/-/npm/v1/oidc/token/exchange/package/${encodeURIComponent(name)}`
  const reply = await app.anonymous.post(path, '', { authorization: `Bearer ${idToken}` })
  return { status: reply.status, body: (await reply.json()) as any }
}

const trustOf = async (token: string) => {
  const row = await app.core.database.read
    .selectFrom('tokens')
    .select('trust_id')
    .where('hash', '=', hashToken(token))
    .executeTakeFirst()
  return row?.trust_id
}

test("npm's client exchanges at the host or at a level, for its own audience or for our URL", async () => {
  await app.project('acme/web')
  const id = await trust('/projects/acme%2Fweb', { name_patterns: ['@acme/*'] })
  const { hostname } = new URL(app.url)
  const level = '/api/v4/projects/acme%2Fweb/packages/npm'
  for (const [at, aud] of [
    ['', `npm:${hostname}`],
    ['', app.url],
    [level, `npm:${hostname}`],
    ['/api/v4/groups/acme/-/packages/npm', 'refused'],
  ] as const) {
    const { status, body } = await npmExchange(at, '@acme/ui', { aud })
    if (aud === 'refused') {
      assert.equal(status, 401, 'a group is not its projects')
      continue
    }
    assert.equal(status, 201, JSON.stringify(body))
    assert.equal(await trustOf(body.token), id)
  }
  const refused = await npmExchange('', '@acme/ui', { aud: 'npm:elsewhere.example' })
  assert.equal(refused.status, 401)
  assert.match(refused.body.message, /audience must be http.* or npm:/)
  assert.equal((await npmExchange('', '@other/ui', { aud: app.url })).status, 401, 'a name it may not write')
  const get = await app.anonymous.get('/-/npm/v1/oidc/token/exchange/package/x')
  assert.equal(get.status, 405)
})

test('of several trusts the one whose project owns the name is meant, or whose path it begins with', async () => {
  for (const path of ['red/one', 'red/two', 'blue/one']) await app.project(path)
  const conditions = { sub: 'team' }
  const ids = new Map<string, number>()
  for (const path of ['red/one', 'red/two', 'blue/one'])
    ids.set(path, await trust(`/projects/${encodeURIComponent(path)}`, { conditions }))
  const token = async (name: string) =>
    trustOf((await npmExchange('', name, { sub: 'team', aud: app.url })).body.token)
  assert.equal(await token('@blue/new'), ids.get('blue/one'))
  assert.equal(await token('@red/new'), ids.get('red/one'))
  assert.equal(await token('unscoped'), ids.get('red/one'))
  const manifest = { name: '@red/new', version: '1.0.0' }
  const attachment = { data: Buffer.from('x').toString('base64'), length: 1, content_type: 'application/x' }
  const document = {
    name: '@red/new',
    versions: { '1.0.0': manifest },
    'dist-tags': { latest: '1.0.0' },
    _attachments: { 'new-1.0.0.tgz': attachment },
  }
  const path = '/api/v4/projects/red%2Ftwo/packages/npm/@red%2fnew'
  await app.root.json('PUT', path, document)
  assert.equal(await token('@red/new'), ids.get('red/two'))
})

test("Python's way: which audience, then mint", async () => {
  await app.project('py/lib')
  await trust('/projects/py%2Flib', { conditions: { sub: 'py' } })
  const { audience } = (await (await app.anonymous.get('/_/oidc/audience')).json()) as { audience: string }
  assert.equal(audience, app.url)
  const mint = async (body: object) => {
    const reply = await app.anonymous.post('/_/oidc/mint-token', body)
    return { status: reply.status, body: (await reply.json()) as any }
  }
  const token = await issuer.sign({ sub: 'py', aud: audience })
  const minted = await mint({ token })
  assert.deepEqual([minted.status, minted.body.success], [200, true])
  assert.match(minted.body.token, /^epj_/)
  const again = await mint({ token })
  assert.equal(again.status, 401)
  assert.match(again.body.errors[0].description, /exchanged before/)
  assert.equal((await mint({})).status, 400)
})
