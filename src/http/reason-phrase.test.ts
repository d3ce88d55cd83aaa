import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reasonPhrase } from './reason-phrase.ts'

test('a reason phrase says the message without its status', () => {
  assert.equal(reasonPhrase('404 Package Not Found'), 'Package Not Found')
  assert.equal(reasonPhrase('Duplicate package is not allowed'), 'Duplicate package is not allowed')
})

test('a reason phrase cannot end the line or grow long', () => {
  assert.equal(reasonPhrase('a\r\nset-cookie: b\u0000ü'), 'a??set-cookie: b??')
  assert.equal(reasonPhrase('x'.repeat(5000)).length, 200)
})
