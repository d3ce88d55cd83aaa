import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { writeAr, type WrittenArEntry } from './ar-writer.testing.ts'
import { readAr, readArRest } from './ar.ts'
import { Problem } from './problem.ts'

async function* cut(bytes: Uint8Array, size = 50): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(bytes: Uint8Array, from: typeof readAr = readAr): Promise<string[]> {
  const found: string[] = []
  for await (const { name, size, offset, body } of from(cut(bytes), { entries: 5 })) {
    let text = ''
    for await (const piece of body) text += Buffer.from(piece).toString()
    found.push(`${name} ${size} ${offset} ${text}`)
  }
  return found
}

const clean: readonly WrittenArEntry[] = [
  { name: 'debian-binary', content: '2.0\n' },
  { name: 'odd/', content: 'odd' },
  { name: 'empty' },
  { name: 'exactly-sixteen.', content: 'x'.repeat(200) },
]

test('reads entries, with the slash of GNU names taken off', async () => {
  assert.deepEqual(await read(writeAr(clean)), [
    'debian-binary 4 68 2.0\n',
    'odd 3 132 odd',
    'empty 0 196 ',
    `exactly-sixteen. 200 256 ${'x'.repeat(200)}`,
  ])
  assert.deepEqual(await read(writeAr([])), [])
  const rest = writeAr(clean).subarray(8)
  assert.equal((await read(rest, readArRest))[1], 'odd 3 124 odd')
})

test('the byte behind an odd entry at the end may be missing', async () => {
  assert.deepEqual(await read(writeAr([{ name: 'a', content: 'odd' }]).subarray(0, -1)), ['a 3 68 odd'])
})

test('passes over what nobody reads', async () => {
  const names: string[] = []
  for await (const { name } of readAr(cut(writeAr(clean)), { entries: 4 })) names.push(name)
  assert.deepEqual(names, ['debian-binary', 'odd', 'empty', 'exactly-sixteen.'])
})

const refusals: readonly (readonly [title: string, entry: WrittenArEntry, status?: number])[] = [
  ['a table of names', { name: '//', content: 'long-name.tar/\n' }],
  ['a table of symbols', { name: '/', content: 'x' }],
  ['a name in a table', { name: '/0', content: 'x' }],
  ["a name in BSD's form", { name: '#1/20', content: 'x' }],
  ['no name', { name: '' }],
  ['a name with a slash', { name: 'a/b' }],
  ['a name with two slashes at its end', { name: 'a//' }],
  ['a name with a space', { name: 'a b' }],
  ['a name with a NUL', { name: 'a\0' }],
  ['a size beyond the end', { name: 'a', size: 2 ** 31 }],
  ['a size that is too small', { name: 'a', content: 'x'.repeat(100), size: 10 }],
  ['a negative size', { name: 'a', size: '-1' }],
  ['a size in another base', { name: 'a', size: '0x10' }],
  ['no size', { name: 'a', size: '' }],
  ['another end of the header', { name: 'a', end: '\n`' }],
]

for (const [title, entry, status = 400] of refusals) {
  test(`refuses ${title}`, () =>
    assert.rejects(read(writeAr([{ name: 'first' }, entry, { name: 'next' }])), { status }))
}

test('refuses what is no archive, and more entries than allowed', async () => {
  for (const text of ['', '!<arch>', '!<arch>\r', '!<thin>\n', 'no archive at all'])
    await assert.rejects(read(Buffer.from(text)), { status: 400 })
  await assert.rejects(read(writeAr(Array.from({ length: 6 }, () => ({ name: 'a' })))), { status: 413 })
})

test('lets go of the source when nobody reads on', async () => {
  let isClosed = false
  async function* closing() {
    try {
      for (;;) yield writeAr(clean)
    } finally {
      isClosed = true
    }
  }
  for await (const _ of readAr(closing(), { entries: 9 })) break
  assert.ok(isClosed)
})

test('reads any archive the same, however it is cut', async () => {
  const bytes = writeAr(clean)
  const whole = await read(bytes)
  const property = fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 30 }), async (places) => {
    const ends = [...places, bytes.length].toSorted((a, b) => a - b)
    async function* pieces() {
      for (const [at, end] of ends.entries()) yield bytes.subarray(ends[at - 1] ?? 0, end)
    }
    const found: string[] = []
    for await (const { name, size, offset, body } of readAr(pieces(), { entries: 5 }))
      found.push(`${name} ${size} ${offset} ${Buffer.concat(await Array.fromAsync(body)).toString()}`)
    assert.deepEqual(found, whole)
  })
  await fc.assert(property, { numRuns: 300 })
})

test('any bytes are read or refused, and what is cut off is refused', async () => {
  const bytes = writeAr(clean)
  const ends = [8, 72, 135, 136, 196, bytes.length]
  for (let length = 0; length < bytes.length; length++)
    if (!ends.includes(length)) await assert.rejects(read(bytes.subarray(0, length)), { status: 400 })
  const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255))
  const property = fc.asyncProperty(fc.array(change), fc.nat(bytes.length), async (changes, length) => {
    const changed = Buffer.from(bytes.subarray(0, length))
    for (const [at, value] of changes) if (at < length) changed[at] = value
    try {
      await read(changed)
    } catch (error) {
      assert.ok(error instanceof Problem, String(error))
    }
  })
  await fc.assert(property, { numRuns: 2000 })
})
