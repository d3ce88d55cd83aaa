import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { nameOfPerson, textOf, textsOf, usernameFrom } from './claims.ts'

it('takes texts of a bounded length, and nothing else', () => {
  assert.equal(textOf('ada'), 'ada')
  for (const claim of ['', 'x'.repeat(1025), 7, null, undefined, ['ada'], { ada: 1 }])
    assert.equal(textOf(claim), undefined)
  assert.deepEqual(textsOf(['a', 7, '', null, ['b'], 'c']), ['a', 'c'])
  assert.deepEqual(textsOf('a'), ['a'])
  assert.deepEqual(textsOf(undefined), [])
  assert.equal(textsOf(Array.from({ length: 20_000 }, String)).length, 10_000)
})

it('shows names without what cannot be seen', () => {
  assert.equal(nameOfPerson(' Ada\u202e\u0000\n Lovelace\u2066 '), 'Ada Lovelace')
  assert.equal(nameOfPerson('\u200b'), undefined)
  assert.equal(nameOfPerson('😀'.repeat(300))?.isWellFormed(), true)
})

it('makes a valid user name of everything', () => {
  assert.equal(usernameFrom("Jürgen.O'Neil@example.com"), 'Jurgen.O-Neil')
  for (const none of [undefined, '', '日本', '@x', '...', '-.-']) assert.equal(usernameFrom(none), 'user')
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      assert.match(usernameFrom(text), /^[a-zA-Z0-9_]([a-zA-Z0-9_.-]{0,98}[a-zA-Z0-9_])?$/)
    }),
  )
})
