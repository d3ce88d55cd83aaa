import assert from 'node:assert/strict'
import { it } from 'node:test'
import * as fc from 'fast-check'
import { inParts } from './parts.ts'

async function* inChunks(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}

it('all parts but the last have one size, and together they are the body', async () => {
  const bodies = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(bodies, fc.integer({ min: 1, max: 500 }), async (chunks, partBytes) => {
      const parts = await Array.fromAsync(inParts(inChunks(chunks), partBytes))
      assert.deepEqual(Buffer.concat(parts), Buffer.concat(chunks))
      for (const part of parts.slice(0, -1)) assert.equal(part.length, partBytes)
      const last = parts.at(-1)
      assert.ok(last === undefined || (last.length > 0 && last.length <= partBytes))
    }),
  )
})

it('a part is not written to again once it was handed out', async () => {
  const parts = inParts(inChunks([Buffer.from('aabb'), Buffer.from('ccdd')]), 2)
  const first = (await parts.next()).value!
  await parts.next()
  await parts.next()
  assert.equal(first.toString(), 'aa')
})

it('a part that was left to be filled again is', async () => {
  const spare: Buffer[] = []
  const parts = inParts(inChunks(['aabbcc', 'dd'].map((text) => Buffer.from(text))), 2, spare)
  const first = (await parts.next()).value!
  spare.push(first)
  const second = (await parts.next()).value!
  assert.equal(second, first)
  assert.equal(second.toString(), 'bb')
})
