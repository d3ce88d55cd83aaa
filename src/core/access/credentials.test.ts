import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createTestApp, type TestApp } from '../../../test/app.ts'
import { revokeToken } from '../records/tokens.ts'
import { identify } from './credentials.ts'

let app: TestApp
before(async () => {
  app = await createTestApp()
})
after(() => app.close())

const identified = async (token: string) =>
  identify(app.core, await app.core.freshness.current(), { token, carrier: 'private-token' })
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

test('an unknown token is refused and does not make its bearer anonymous', async () => {
  await assert.rejects(identified('nonsense'), { status: 401 })
  const reply = await app.anonymous.get('/api/v4/projects/1/packages/generic/a/1/f', {
    authorization: basic('u:nonsense'),
  })
  assert.equal(reply.status, 401)
  assert.match(reply.headers.get('www-authenticate') ?? '', /^Basic realm=/)
})

test('a token stops working when it expires, is revoked, or its user is blocked', async () => {
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

test('an account password is refused by its shape: no search for it is made', async () => {
  const asked: string[] = []
  const kept: typeof app.core.kept = {
    get(key, ...rest) {
      asked.push(key)
      return app.core.kept.get(key, ...rest)
    },
  }
  const { token } = await app.user('shaped')
  const generation = await app.core.freshness.current()
  const credential = { token: 'correct horse battery', carrier: 'basic', username: 'shaped' } as const
  await assert.rejects(identify({ ...app.core, kept }, generation, credential), {
    status: 401,
    message: /make a token/,
  })
  assert.deepEqual(asked, [])
  await identify({ ...app.core, kept }, generation, { ...credential, token })
  assert.equal(asked.length, 1)
})

test('when a token was last used is noted in memory and written later', async () => {
  const caller = await app.user('user-of-tokens')
  const lastUsed = async () => (await caller.json('GET', '/api/v4/personal_access_tokens/self')).last_used_at
  assert.equal(await lastUsed(), null)
  const at = app.clock.now()
  await app.core.tokenUses.flush(app.core.database)
  assert.ok(Math.abs(Date.parse(await lastUsed()) - at) < 60_000)
})
