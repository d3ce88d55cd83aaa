import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createTestApp, type TestApp } from '../app.ts'

let app: TestApp
before(async () => {
  app = await createTestApp({
    anonymous: false,
    env: { ENTREPOT_PACKAGES__INSTANCE: JSON.stringify({ generic: ['open'], maven: ['open'] }) },
  })
  await app.project('open/files', { visibility: 'public' })
})
after(() => app.close())

const levels = ['/projects/open%2Ffiles/packages/', '/groups/open/-/packages/', '/packages/']

test('where anonymous access is off, every package route of a public project asks for a credential', async () => {
  let tried = 0
  for (const format of app.core.formats.values()) {
    for (const route of format.routes) {
      if (route.needs === 'nothing' && route.signIn) continue
      const path = route.path.replaceAll(/:\w+\+?/g, 'x')
      for (const level of levels) {
        const reply = await app.anonymous.request(route.method, `/api/v4${level}${format.id}${path}`)
        assert.equal(reply.status, 401, `${route.method} ${level}${format.id}${path}`)
        assert.ok(reply.headers.get('www-authenticate'), 'and says how')
        tried += 1
      }
    }
  }
  assert.ok(tried > 50)
})

test('signing in still works, and then what is open to everybody', async () => {
  const base = '/api/v4/projects/open%2Ffiles/packages/npm'
  const { token, username } = app.root
  const signedIn = await app.anonymous.put(`${base}/-/user/org.couchdb.user:${username}`, {
    name: username,
    password: token,
  })
  assert.equal(signedIn.status, 201)
  assert.equal((await app.root.get(`${base}/-/ping`)).status, 200)
  assert.equal((await app.anonymous.get('/-/health')).status, 200)
})
