import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkPassword, hashPassword, verifyPassword } from './password.ts'

test('a password is known again, and only that one', async () => {
  const stored = await hashPassword('correct horse battery')
  assert.match(stored, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  assert.notEqual(stored, await hashPassword('correct horse battery'), 'each has a salt of its own')
  assert.equal(await verifyPassword('correct horse battery', stored), true)
  assert.equal(await verifyPassword('correct horse batterx', stored), false)
  assert.equal(await verifyPassword('correct horse battery', null), false)
})

test('too short and too long passwords are refused', () => {
  checkPassword('twelve chars')
  assert.throws(() => checkPassword('eleven char'), { status: 400, message: /12 characters/ })
  assert.throws(() => checkPassword('x'.repeat(1025)), { status: 400 })
})
