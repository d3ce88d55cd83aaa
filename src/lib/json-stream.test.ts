import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readJsonStream } from './json-stream.ts'
import { Problem } from './problem.ts'

async function* pieces(text: string | Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(
  text: string | Uint8Array,
  options: { size?: number; maxBytes?: number; maxDepth?: number } = {},
) {
  const taken: [string, string][] = []
  const document = await readJsonStream(pieces(text, options.size ?? 7), {
    at: ['_attachments', null, 'data'],
    maxBytes: options.maxBytes ?? 10_000,
    maxDepth: options.maxDepth ?? 20,
    take: async (keys, content) => {
      const chunks: Uint8Array[] = []
      for await (const chunk of content) chunks.push(Buffer.from(chunk))
      taken.push([keys.join('|'), Buffer.concat(chunks).toString()])
    },
  })
  return { document, taken }
}

function refused(status: number, message: RegExp) {
  return (error: unknown) =>
    error instanceof Problem && error.status === status && message.test(error.message)
}

test('takes the string at the path wherever it stands, and nothing that only looks like it', async () => {
  const source = {
    data: 'root',
    x: { _attachments: { a: { data: 'too deep' } } },
    list: [{ data: '"_attachments":{"a":{"data":"no' }, '{[,:'],
    _attachments: { 'a.tgz': { content_type: 'x', data: 'QUJD', length: 3 }, b: { nested: { data: 'no' } } },
    name: 'after',
  }
  for (const size of [1, 2, 3, 7, 1000]) {
    const { document, taken } = await read(JSON.stringify(source), { size })
    assert.deepEqual(taken, [['_attachments|a.tgz|data', 'QUJD']])
    const expected = structuredClone(source)
    expected._attachments['a.tgz'].data = ''
    assert.deepEqual(document, expected)
  }
})

test('an array on the way is no match', async () => {
  assert.deepEqual((await read('{"_attachments":[{"data":"x"}]}')).taken, [])
  assert.deepEqual((await read('{"_attachments":{"a":["data","x"]}}')).taken, [])
})

test('keys and content may be escaped, at any chunk boundary', async () => {
  const text = String.raw`{"\u005fattachments":{"\"q\"":{"d\u0061ta":"a\/b\u002b\\\"c\n"}},"z":1}`
  for (let size = 1; size < text.length; size++) {
    const { taken } = await read(text, { size })
    assert.deepEqual(taken, [['_attachments|"q"|data', 'a/b+\\"c\n']])
  }
})

test('any JSON is read as JSON.parse reads it', async () => {
  const property = fc.asyncProperty(fc.json(), fc.integer({ min: 1, max: 9 }), async (text, size) => {
    const { document } = await read(text, { size, maxBytes: 1e6, maxDepth: 200 })
    assert.deepEqual(document, JSON.parse(text))
  })
  await fc.assert(property, { numRuns: 200 })
})

test('what is not JSON is refused', async () => {
  const broken = [
    '',
    '{',
    '{"a":1}}',
    '{"_attachments":{"a":{"data":"x',
    '{"_attachments":{"a":{"data" "x"}}}',
    '[1,]',
  ]
  for (const text of broken) await assert.rejects(read(text), refused(400, /JSON|ends inside/), text)
  await assert.rejects(read(Buffer.from([0x22, 0xff, 0x22])), refused(400, /not valid JSON/))
  await assert.rejects(read(String.raw`{"_attachments":{"a":{"data":"\q"}}}`), refused(400, /escape/))
  await assert.rejects(read(String.raw`{"_attachments":{"a":{"data":"\u00e9"}}}`), refused(400, /ASCII/))
})

test('bytes and depth are limited, but not the string taken', async () => {
  const long = 'A'.repeat(5000)
  const { taken } = await read(`{"_attachments":{"a":{"data":"${long}"}}}`, { maxBytes: 100, size: 64 })
  assert.equal(taken[0]?.[1], long)
  await assert.rejects(read(`{"a":"${long}"}`, { maxBytes: 100 }), refused(413, /larger than 100 bytes/))
  await assert.rejects(read('['.repeat(21) + ']'.repeat(21)), refused(400, /deeper than 20/))
  await read('['.repeat(20) + ']'.repeat(20))
})

test('a failing taker fails the reading and does not destroy the body', async () => {
  const body = pieces('{"_attachments":{"a":{"data":"xxxxxxxxxxxxxxxxxxxxx"}}}', 5)
  const take = async (_: unknown, content: AsyncIterable<Uint8Array>) => {
    for await (const chunk of content) throw new Error(`stop at ${chunk.length}`)
  }
  const options = { at: ['_attachments', null, 'data'], maxBytes: 1000, maxDepth: 9, take }
  await assert.rejects(readJsonStream(body, options), /stop at/)
  assert.equal((await body.next()).done, false)
})
