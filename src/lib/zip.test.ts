import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { Problem } from './problem.ts'
import { checkZip, readZipEntry } from './zip-contents.ts'
import { readZipDirectory, type SeekableFile } from './zip-directory.ts'
import { writeZip, type WrittenEntry, type WrittenZip } from './zip-writer.testing.ts'

const limits = { entries: 100, bytes: 100_000 }

function fileOf(bytes: Buffer, chunk = 700): SeekableFile {
  return {
    size: bytes.length,
    open({ start, end = bytes.length - 1 } = { start: 0 }) {
      const wanted = bytes.subarray(start, end + 1)
      const chunks: Buffer[] = []
      for (let at = 0; at < wanted.length; at += chunk) chunks.push(wanted.subarray(at, at + chunk))
      return Readable.from(chunks)
    },
  }
}

/** Reads everything: names and contents. */
async function contents(bytes: Buffer): Promise<Record<string, string>> {
  const file = fileOf(bytes)
  const entries = await readZipDirectory(file, limits)
  const found: Record<string, string> = {}
  await checkZip(file, entries, ({ name }) => {
    found[name] = ''
    return (piece) => void (found[name] += Buffer.from(piece).toString('latin1'))
  })
  for (const entry of entries)
    assert.equal((await readZipEntry(file, entry, 10_000_000)).toString('latin1'), found[entry.name])
  return found
}

const large = 'large '.repeat(300_000)
const clean: readonly WrittenEntry[] = [
  { name: 'a.txt', content: 'deflated '.repeat(100) },
  { name: 'd/', content: '', stored: true },
  { name: 'd/b.txt', content: 'stored', stored: true },
  { name: 'd/ü.txt', content: '' },
  { name: 'large.txt', content: large },
]

test('reads stored and deflated entries, also with descriptors and in ZIP64', async () => {
  const expected = Object.fromEntries(clean.map(({ name, content }) => [name, content]))
  for (const odd of [{}, { descriptor: true }, { zip64: true }, { descriptor: true, zip64: true }])
    assert.deepEqual(await contents(writeZip(clean.map((entry) => ({ ...entry, ...odd })))), expected)
  assert.deepEqual(await contents(writeZip([])), {})
})

test('passes over what nobody takes, checking where it lies', async () => {
  const stored = clean.map((entry) => ({ ...entry, stored: true }))
  const bytes = writeZip([...stored, { name: 'last', content: 'x' }])
  const file = fileOf(bytes)
  await checkZip(file, await readZipDirectory(file, limits), () => undefined)
  const shifted = fileOf(writeZip(stored, { between: 'x' }))
  await assert.rejects(
    checkZip(shifted, await readZipDirectory(shifted, limits), () => undefined),
    /between/,
  )
})

const one = { name: 'a.txt', content: 'content' }
const refusals: readonly (readonly [title: string, entries: readonly WrittenEntry[], odd?: WrittenZip])[] = [
  ['bytes before the first entry', [one], { before: 'MZ' }],
  ['bytes between entries', [one, { name: 'b', content: '' }], { between: 'hidden' }],
  ['bytes behind the end', [one], { behind: 'hidden' }],
  ['a comment', [one], { comment: 'hidden' }],
  ['another number of entries', [one], { count: 2 }],
  ['another name in the local header', [{ ...one, localName: 'b.txt' }]],
  ['two entries of one name', [one, one]],
  ['a directory named as a file', [one, { name: 'a.txt/', content: '', stored: true }]],
  ['a directory with content', [{ name: 'a/', content: 'x', stored: true }]],
  ['a name that climbs up', [{ ...one, name: '../a' }]],
  ['an absolute name', [{ ...one, name: '/a' }]],
  ['a name with a backslash', [{ ...one, name: 'a\\b' }]],
  ['a name on a drive', [{ ...one, name: 'C:a' }]],
  ['an empty segment', [{ ...one, name: 'a//b' }]],
  ['a NUL in a name', [{ ...one, name: 'a\0.py' }]],
  ['no name', [{ ...one, name: '' }]],
  ['a name of no encoding', [{ ...one, name: 'ü', flags: 0 }]],
  ['an encrypted entry', [{ ...one, flags: 0x801 }]],
  ['a masked directory', [{ ...one, flags: 0x2800 }]],
  ['an odd method', [{ ...one, method: 12 }]],
  ['a wrong checksum', [{ ...one, crc: 1 }]],
  ['a size that is too small', [{ ...one, size: 3 }]],
  ['a size that is too large', [{ ...one, size: 30 }]],
  ['a bomb that says it is small', [{ name: 'a', content: Buffer.alloc(50_000_000), size: 10 }]],
  ['a large bomb that says it is small', [{ name: 'a', content: Buffer.alloc(90_000_000), size: 600_000 }]],
  ['data behind the deflated data', [{ ...one, surplus: 'hidden' }]],
  ['data behind much deflated data', [{ name: 'a', content: large, surplus: 'hidden' }]],
  ['what is not deflated at all', [{ ...one, stored: true, method: 8 }]],
  ['a descriptor that contradicts', [{ ...one, flags: 0x808 }]],
  ['a stored entry of two sizes', [{ ...one, stored: true, size: 3 }]],
]

for (const [title, entries, odd] of refusals) {
  test(`refuses ${title}`, async () => {
    const bytes = writeZip(entries, odd)
    const began = performance.now()
    await assert.rejects(contents(bytes), (error) => error instanceof Problem && error.status === 400)
    assert.ok(performance.now() - began < 5000)
  })
}

test('refuses a second name of an entry, in either header', async () => {
  const bytes = writeZip([{ ...one, zip64: true }])
  const second = Buffer.from(bytes.toString('latin1').replaceAll('\x01\0\x10\0', '\x75\x70\x10\0'), 'latin1')
  await assert.rejects(contents(second), /second name/)
})

test('refuses more entries than allowed, and larger ones', async () => {
  const many = Array.from({ length: 101 }, (_, at) => ({ name: `f${at}`, content: '' }))
  await assert.rejects(contents(writeZip(many)), { status: 413 })
  const file = fileOf(writeZip([one]))
  const [entry] = await readZipDirectory(file, limits)
  await assert.rejects(readZipEntry(file, entry!, 3), { status: 413 })
})

test('two entries that share their bytes are refused', async () => {
  const bytes = writeZip([one])
  const end = bytes.length - 22
  const central = bytes.subarray(bytes.readUInt32LE(end + 16), end)
  const twin = Buffer.from(central.toString('latin1').replace('a.txt', 'b.txt'), 'latin1')
  const tail = Buffer.from(bytes.subarray(end))
  tail.writeUInt16LE(2, 8)
  tail.writeUInt16LE(2, 10)
  tail.writeUInt32LE(central.length * 2, 12)
  await assert.rejects(contents(Buffer.concat([bytes.subarray(0, end), twin, tail])), { status: 400 })
})

test('every truncation and every changed byte is read or refused, soon', async () => {
  const bytes = writeZip([
    one,
    { name: 'b', content: 'x'.repeat(3000), descriptor: true },
    { ...one, name: 'c', zip64: true },
  ])
  for (let length = 0; length < bytes.length; length++)
    await assert.rejects(contents(bytes.subarray(0, length)), { status: 400 }, String(length))
  const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255))
  const property = fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
    const changed = Buffer.from(bytes)
    for (const [at, value] of changes) changed[at] = value
    const began = performance.now()
    try {
      await contents(changed)
    } catch (error) {
      assert.ok(error instanceof Problem, String(error))
    }
    assert.ok(performance.now() - began < 1000)
  })
  await fc.assert(property, { numRuns: 3000 })
})

/** How often others went first meanwhile. */
async function turnsOf(work: () => Promise<unknown>): Promise<number> {
  let [turns, isOver] = [0, false]
  const count = () => {
    turns++
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  await work()
  isOver = true
  return turns
}

test('many entries, and some that unpack to much, let others go first', async () => {
  const many = Array.from({ length: 15_000 }, (_, at) => ({
    name: `folder/${at}`,
    content: '',
    stored: true,
  }))
  const file = fileOf(writeZip(many), 1_000_000)
  const wide = { entries: 15_000, bytes: 10_000_000 }
  assert.ok((await turnsOf(() => readZipDirectory(file, wide))) > 3)
  const zeros = Array.from({ length: 60 }, (_, at) => ({ name: `${at}`, content: Buffer.alloc(500_000) }))
  const bomb = fileOf(writeZip(zeros), 1_000_000)
  const entries = await readZipDirectory(bomb, limits)
  assert.ok((await turnsOf(() => checkZip(bomb, entries, () => () => {}))) > 3)
})

test('the compressed stream of an entry may be cut anywhere', async () => {
  const whole = deflateRawSync('cut '.repeat(50))
  for (let length = 0; length < whole.length; length++) {
    const content = whole.subarray(0, length)
    await assert.rejects(contents(writeZip([{ name: 'a', content, stored: true, method: 8, size: 200 }])), {
      status: 400,
    })
  }
})
