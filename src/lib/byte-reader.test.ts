import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ByteReader } from './byte-reader.ts'

test('takes, passes on and passes over what is there, however it is cut', async () => {
  const step = fc.tuple(fc.constantFrom('take', 'pieces', 'skip'), fc.nat(40))
  const chunks = fc.array(fc.uint8Array({ maxLength: 30 }), { maxLength: 8 })
  const property = fc.asyncProperty(chunks, fc.array(step, { maxLength: 12 }), async (given, steps) => {
    const all = Buffer.concat(given)
    async function* source() {
      yield* given
    }
    const reader = new ByteReader(source())
    let at = 0
    for (const [kind, length] of steps) {
      const expected = all.subarray(at, at + length)
      if (kind === 'take') assert.deepEqual(await reader.take(length), Buffer.from(expected))
      else if (kind === 'skip') assert.equal(await reader.skip(length), expected.length)
      else
        assert.deepEqual(Buffer.concat(await Array.fromAsync(reader.pieces(length))), Buffer.from(expected))
      at += expected.length
      assert.equal(reader.position, at)
    }
  })
  await fc.assert(property, { numRuns: 1000 })
})

test('what was not read of pieces comes next', async () => {
  async function* source() {
    yield Buffer.from('abc')
    yield Buffer.from('def')
  }
  const reader = new ByteReader(source())
  for await (const piece of reader.pieces(5)) {
    assert.equal(piece.toString(), 'abc')
    break
  }
  assert.equal((await reader.take(9)).toString(), 'def')
})
