import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { ask } from '../../test/ask.ts'
import { restRoutes as routes } from '../../test/rest-routes.ts'

const addressOf = (path: string) => path.replace(/:id\b/, 'secret%2Flib').replace(/:\w+/g, '1')

describe('who may ask', () => {
  let app: TestApp
  before(async () => {
    app = await createTestApp()
    await app.project('secret/lib')
    await app.project('open/lib', { visibility: 'public' })
  })
  after(() => app.close())

  test('a private project and a missing one answer byte for byte the same', async () => {
    const mallory = await app.user('mallory')
    for (const actor of [app.anonymous, mallory]) {
      for (const { method, path } of routes.filter((one) => one.path.startsWith('/projects/:id'))) {
        const body = { access_level: 30, user_id: 1 }
        const there = await ask(actor, `${method} ${addressOf(path)}`, method === 'GET' ? undefined : body)
        const missing = await ask(
          actor,
          `${method} ${addressOf(path).replace('secret', 'nobody')}`,
          method === 'GET' ? undefined : body,
        )
        assert.deepEqual(
          [there.status, there.body],
          [missing.status, missing.body],
          `${method} ${path} by ${actor.username}`,
        )
        // 400: the body lacks what this route wants, which is said before anything is looked up.
        assert.ok([400, 401, 404].includes(there.status), `${method} ${path}: ${there.status}`)
      }
    }
  })

  test('anonymous callers see what is public, in lists and counts too', async () => {
    const list = await ask(app.anonymous, 'GET /projects')
    assert.deepEqual(
      list.body.map((one: any) => one.path_with_namespace),
      ['open/lib'],
    )
    assert.equal(list.headers.get('x-total'), '1')
    const groups = await ask(app.anonymous, 'GET /groups')
    assert.deepEqual(
      groups.body.map((one: any) => one.full_path),
      ['open'],
    )
    assert.equal((await ask(app.anonymous, 'GET /projects/open%2Flib')).status, 200)
    assert.equal((await ask(app.anonymous, 'GET /groups/secret/packages')).status, 404)
    assert.equal((await ask(app.anonymous, 'GET /user')).status, 401)
    assert.equal((await ask(app.anonymous, 'GET /users')).status, 401)
    assert.equal((await ask(app.anonymous, 'GET /projects/open%2Flib/members')).status, 401)
    assert.equal((await ask(app.anonymous, 'POST /groups', { name: 'x', path: 'x' })).status, 401)
  })

  test('a wrong token is 401 everywhere and never anonymous', async () => {
    const reply = await ask(app.anonymous, 'GET /projects', undefined, { 'private-token': 'ept_wrong' })
    assert.equal(reply.status, 401)
    const inUrl = await ask(app.anonymous, `GET /user?private_token=${app.root.token}`)
    assert.equal(inUrl.status, 401)
  })

  test('tokens come as PRIVATE-TOKEN, Bearer and Basic password; a session cookie counts for nothing', async () => {
    const basic = Buffer.from(`anything:${app.root.token}`).toString('base64')
    for (const authorization of [`Bearer ${app.root.token}`, `Basic ${basic}`]) {
      assert.equal(
        (await ask(app.anonymous, 'GET /user', undefined, { authorization })).body.username,
        'root',
      )
    }
    const cookie = `entrepot_session=${app.root.token}`
    assert.equal((await ask(app.anonymous, 'GET /user', undefined, { cookie })).status, 401)
  })

  test('scopes are a ceiling', async () => {
    const reader = await app.withScopes(app.root, 'read_api')
    assert.equal((await ask(reader, 'GET /projects/secret%2Flib')).status, 200)
    const refused = await ask(reader, 'POST /groups', { name: 'x', path: 'x' })
    assert.equal(refused.status, 403)
    assert.equal(refused.body.error, 'insufficient_scope')
    const puller = await app.withScopes(app.root, 'read_package_registry', 'write_package_registry')
    for (const { method, path, needs } of routes) {
      if (needs !== 'read' && needs !== 'write') continue
      const { status, body } = await ask(
        puller,
        `${method} ${addressOf(path)}`,
        method === 'GET' ? undefined : {},
      )
      assert.deepEqual([status, body.error], [403, 'insufficient_scope'], `${method} ${path}`)
    }
  })

  test('unknown addresses, methods and bodies are refused in the same shapes', async () => {
    assert.equal((await ask(app.root, 'GET /nothing')).status, 404)
    assert.equal((await ask(app.root, 'PUT /user', {})).status, 404)
    const json = { 'content-type': 'application/json' }
    assert.equal((await ask(app.root, 'POST /groups', '{', json)).status, 400)
    assert.equal((await ask(app.root, 'POST /groups', '[]', json)).status, 400)
    assert.equal((await ask(app.root, 'POST /groups', '{"__proto__":{"name":"x"}}', json)).status, 400)
    assert.equal((await ask(app.root, 'POST /groups', 'x', { 'content-type': 'text/plain' })).status, 415)
    const huge = JSON.stringify({ name: 'x'.repeat(2_000_000) })
    assert.equal((await ask(app.root, 'POST /groups', huge, json)).status, 413)
  })
})

test('without anonymous access everything needs a token', async () => {
  const app = await createTestApp({ anonymous: false })
  try {
    await app.project('open/lib', { visibility: 'public' })
    for (const { method, path } of routes.filter((one) => one.needs !== 'secret')) {
      const { status } = await ask(
        app.anonymous,
        `${method} ${addressOf(path)}`,
        method === 'GET' ? undefined : {},
      )
      assert.equal(status, 401, `${method} ${path}`)
    }
    assert.equal((await ask(app.anonymous, 'GET /nothing')).status, 401)
    assert.equal((await ask(await app.user('alice'), 'GET /projects')).body.length, 1)
  } finally {
    await app.close()
  }
})
