import assert from 'node:assert/strict'
import { test } from 'node:test'
import { callOn, FakeRegistry } from './fake-registry.ts'
import { send } from './fake-client.ts'
import { whoami } from './login.ts'

const registry = new FakeRegistry()
const signIn = (password: string) => {
  const body = JSON.stringify({ name: 'anyone', password, type: 'user' })
  return send(registry, { method: 'PUT', path: '/-/user/org.couchdb.user:anyone', body })
}

test('a pasted token is answered with itself', async () => {
  const { status, json } = await signIn('good-token')
  assert.deepEqual([status, json.token, json.ok], [201, 'good-token', "you are authenticated as 'bob'"])
  assert.equal((await signIn('account password')).status, 401)
})

test('browser sign-in is refused so that clients fall back', async () => {
  assert.equal((await send(registry, { method: 'POST', path: '/-/v1/login', body: '{}' })).status, 404)
})

test('whoami, ping and logout', async () => {
  assert.deepEqual((await send(registry, { method: 'GET', path: '/-/whoami' })).json, { username: 'alice' })
  const call = callOn(registry, {})
  const anonymous = { ...call, caller: { ...call.caller, username: undefined } }
  assert.throws(() => whoami(anonymous), { status: 401 })
  assert.deepEqual((await send(registry, { method: 'GET', path: '/-/ping' })).json, {})
  assert.equal((await send(registry, { method: 'DELETE', path: '/-/user/token/x' })).status, 200)
})

test('an ID token is exchanged for the host that the client asks, and refused with words', async () => {
  const path = '/-/npm/v1/oidc/token/exchange/package/@acme%2fwidget'
  const exchange = (headers: Record<string, string>) => send(registry, { method: 'POST', path, headers })
  const good = await exchange({ authorization: 'Bearer good-id-token' })
  const token = '@acme/widget for npm:packages.example'
  assert.deepEqual([good.status, good.json], [201, { token, token_type: 'oidc', expires_in: 60 }])
  const bad = await exchange({ authorization: 'Bearer other' })
  assert.deepEqual([bad.status, bad.json.message], [401, 'the ID token is not accepted'])
  assert.equal((await exchange({})).status, 401)
})
