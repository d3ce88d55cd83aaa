import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseExactly, parseObject } from './json-text.ts'

const limits = { bytes: 1000, depth: 5, values: 20 }
const parse = (text: string, some: Partial<typeof limits> = {}) =>
  parseObject(Buffer.from(text), 'the answer', { ...limits, ...some })

test('each limit is a clear error', () => {
  assert.deepEqual(parse('{"a":[[[[1]]]]}'), { a: [[[[1]]]] })
  assert.throws(() => parse('{"a":[[[[[1]]]]]}'), /the answer is nested deeper than 5 levels/)
  assert.throws(() => parse(`{"a":"${'x'.repeat(1000)}"}`), /larger than 1000 bytes/)
  assert.throws(() => parse(`{"a":[${'1,'.repeat(20)}1]}`), /more than 20 values/)
  for (const text of ['', '{', '{"a":1}}', ']', '{a:1}', '{"a":\u0001}'])
    assert.throws(() => parse(text), /is not valid JSON/, text)
  for (const text of ['[]', 'null', '1', '"x"']) assert.throws(() => parse(text), /is not a JSON object/)
  assert.throws(
    () => parseObject(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'x', limits),
    /not valid/,
  )
})

test('what stands in texts is not counted', () => {
  for (const value of ['[[[[[[[[', '"[[[[[[[[', '\\', '\\"{{{{{{{{', ','.repeat(50)]) {
    const text = JSON.stringify({ [value]: value, b: [value] })
    assert.deepEqual(parse(text), JSON.parse(text), text)
  }
  assert.throws(
    () => parse('{"a\\\\":[[[[[1]]]]]}'),
    /nested deeper/,
    'the text ends behind an escaped backslash',
  )
})

test('nesting that would overflow is refused before it is parsed', () => {
  const deep = Buffer.concat([Buffer.from('{"a":'), Buffer.alloc(10_000_000, '[')])
  assert.throws(() => parseObject(deep, 'x', { ...limits, bytes: 2 ** 28 }), /nested deeper/)
})

test('any object survives both ways of reading', () => {
  const many = { bytes: 2 ** 20, depth: 100, values: 2 ** 20 }
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const text = JSON.stringify(value)
      const bytes = Buffer.from(text)
      assert.equal(JSON.stringify(parseObject(bytes, 'x', many)), text)
      assert.equal(JSON.stringify(parseExactly(bytes, 'x', many)), text)
    }),
  )
})

test('numbers that are written again keep their digits', () => {
  const text =
    '{"a":[12345678901234567890,-0,1.0,1E5,0.1000000000000000055511151231257827,7],"__proto__":{"b":1}}'
  assert.equal(JSON.stringify(parseExactly(Buffer.from(text), 'x', limits)), text)
})
