import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { attachment } from './disposition.ts'

test('plain names are quoted, others also given in UTF-8', () => {
  assert.equal(attachment('hello-1.0.0.tgz'), 'attachment; filename="hello-1.0.0.tgz"')
  assert.equal(attachment('ü".jar'), `attachment; filename="__.jar"; filename*=UTF-8''%C3%BC%22.jar`)
  assert.equal(
    attachment("it's 50%.txt"),
    `attachment; filename="it's 50_.txt"; filename*=UTF-8''it%27s%2050%25.txt`,
  )
  assert.equal(
    attachment('a\r\nSet-Cookie: x'),
    `attachment; filename="a__Set-Cookie: x"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x`,
  )
})

test('any text makes a header value of one line with one quoted name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (name) => {
      const value = attachment(name)
      assert.match(
        value,
        /^attachment; filename="[^"\\\p{Cc}\u0080-\u{10ffff}]*"(; filename\*=UTF-8''[\w.~!$&+^`|%#-]*)?$/u,
      )
    }),
  )
  assert.match(attachment('\ud800.bin'), /%EF%BF%BD\.bin$/)
})
