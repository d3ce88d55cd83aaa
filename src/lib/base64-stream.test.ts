import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeBase64 } from './base64-stream.ts'

async function decode(text: string, size = 5): Promise<Buffer> {
  async function* pieces() {
    for (let at = 0; at < text.length; at += size) yield Buffer.from(text.slice(at, at + size))
  }
  const chunks: Uint8Array[] = []
  for await (const chunk of decodeBase64(pieces())) chunks.push(chunk)
  return Buffer.concat(chunks)
}

test('decodes any bytes in any chunks, padded or not', async () => {
  const property = fc.asyncProperty(fc.uint8Array(), fc.integer({ min: 1, max: 9 }), async (bytes, size) => {
    const text = Buffer.from(bytes).toString('base64')
    assert.deepEqual(await decode(text, size), Buffer.from(bytes))
    assert.deepEqual(await decode(text.replace(/=+$/, ''), size), Buffer.from(bytes))
  })
  await fc.assert(property, { numRuns: 200 })
})

test('refuses what the decoder of Node would skip', async () => {
  for (const text of [
    'QUJ$',
    'QUJD\n',
    'QU JD',
    'QQ==QUJD',
    'Q',
    'QUJDQ',
    'Q===',
    '=',
    '====',
    'QQ=Q',
    'é123',
  ]) {
    for (const size of [1, 4, 64]) await assert.rejects(decode(text, size), /not valid Base64/, text)
  }
})
