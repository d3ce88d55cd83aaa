import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createTestApp, type TestApp } from '../../../test/app.ts'
import { revokeToken } from '../records/tokens.ts'
import { identify, tokenFrom } from './credentials.ts'

let app: TestApp
before(async () => {
  app = await createTestApp()
})
after(() => app.close())

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

test('a token is found in every carrier that works everywhere', () => {
  assert.equal(tokenFrom({ 'private-token': 'T' }), 'T')
  assert.equal(tokenFrom({ authorization: 'Bearer T' }), 'T')
  assert.equal(tokenFrom({ authorization: 'bearer  T ' }), 'T')
  assert.equal(tokenFrom({ authorization: basic('anyone:T') }), 'T')
  assert.equal(tokenFrom({ authorization: basic('anyone:T:with:colons') }), 'T:with:colons')
  assert.equal(tokenFrom({ authorization: basic('T:') }), 'T')
  assert.equal(tokenFrom({ authorization: 'Digest x' }), undefined)
  assert.equal(tokenFrom({}), undefined)
})

test('an unknown token is refused and does not make its bearer anonymous', async () => {
  await assert.rejects(identify(app.core, await app.core.freshness.current(), 'nonsense'), { status: 401 })
  const reply = await app.anonymous.get('/api/v4/projects/1/packages/generic/a/1/f', {
    authorization: basic('u:nonsense'),
  })
  assert.equal(reply.status, 401)
  assert.match(reply.headers.get('www-authenticate') ?? '', /^Basic realm=/)
})

test('a token stops working when it expires, is revoked, or its user is blocked', async () => {
  const identified = async (token: string) => identify(app.core, await app.core.freshness.current(), token)
  const short = await app.user('short')
  const expiry = app.clock.now() + 1000
  await app.core.database.write((db) =>
    db.updateTable('tokens').set({ expires_at: expiry }).where('user_id', '=', short.id).execute(),
  )
  assert.equal((await identified(short.token)).kind, 'user')
  app.clock.advance(1001)
  await assert.rejects(identified(short.token), { status: 401 })

  const revoked = await app.user('revoked')
  assert.equal((await identified(revoked.token)).kind, 'user')
  await app.core.database.write(async (db) => {
    const { id } = await db
      .selectFrom('tokens')
      .select('id')
      .where('user_id', '=', revoked.id)
      .executeTakeFirstOrThrow()
    await revokeToken(db, id, app.clock.now())
  })
  await assert.rejects(identified(revoked.token), { status: 401 })

  const blocked = await app.user('blocked')
  assert.equal((await identified(blocked.token)).kind, 'user')
  await app.core.database.write((db) =>
    db.updateTable('users').set({ state: 'blocked' }).where('id', '=', blocked.id).execute(),
  )
  await assert.rejects(identified(blocked.token), { status: 401 })
})
