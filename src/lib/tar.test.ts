import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Problem } from './problem.ts'
import { paxRecord, writeTar, type WrittenTarEntry } from './tar-writer.testing.ts'
import { readTar } from './tar.ts'

async function* cut(bytes: Uint8Array, size = 300): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function read(bytes: Uint8Array, size?: number): Promise<string[]> {
  const found: string[] = []
  for await (const { name, kind, body } of readTar(cut(bytes, size), { entries: 50 })) {
    let text = ''
    for await (const piece of body) text += Buffer.from(piece).toString()
    found.push(`${kind} ${name} ${text}`)
  }
  return found
}

test('reads files, directories and links', async () => {
  const entries = [
    { name: './top/', type: '5' },
    { name: 'top/a', content: 'a'.repeat(700) },
    { name: 'top/b', type: '2', link: '../top/a' },
    { name: 'top/c', type: '1', link: 'top/a' },
    { name: 'top/empty' },
  ]
  const expected = [
    'directory top ',
    `file top/a ${'a'.repeat(700)}`,
    'link top/b ',
    'link top/c ',
    'file top/empty ',
  ]
  assert.deepEqual(await read(writeTar(entries)), expected)
})

test('reads long names as pax and as GNU write them', async () => {
  const long = `top/${'long/'.repeat(60)}name-ü`
  const pax = { name: 'x', type: 'x', content: paxRecord('path', long) + paxRecord('mtime', '1.5') }
  const gnu = { name: '././@LongLink', type: 'L', content: `${long}\0` }
  for (const entry of [pax, gnu])
    assert.deepEqual(await read(writeTar([entry, { name: 'short', content: 'x' }, { name: 'next' }])), [
      `file ${long} x`,
      'file next ',
    ])
  const comment = { name: 'g', type: 'g', content: paxRecord('comment', 'abc') }
  assert.deepEqual(await read(writeTar([comment, { name: 'a' }])), ['file a '])
  const sized = { name: 'x', type: 'x', content: paxRecord('size', '3') }
  assert.deepEqual(await read(writeTar([sized, { name: 'a', content: 'abc', size: 0 }, { name: 'b' }])), [
    'file a abc',
    'file b ',
  ])
})

test('passes over what nobody reads', async () => {
  const names: string[] = []
  const archive = writeTar([{ name: 'a', content: 'x'.repeat(5000) }, { name: 'b' }])
  for await (const { name } of readTar(cut(archive), { entries: 9 })) names.push(name)
  assert.deepEqual(names, ['a', 'b'])
})

const refusals: readonly (readonly [title: string, entry: WrittenTarEntry, status?: number])[] = [
  ['a name that climbs up', { name: 'a/../../b' }],
  ['an absolute name', { name: '/etc/passwd' }],
  ['a backslash', { name: 'a\\b' }],
  ['an empty name', { name: '' }],
  ['a link that climbs up', { name: 'top/a', type: '2', link: '../../b' }],
  ['an absolute link', { name: 'top/a', type: '2', link: '/etc' }],
  ['a hard link that climbs up', { name: 'top/a', type: '1', link: '../b' }],
  ['a link to nothing', { name: 'top/a', type: '2' }],
  ['a device', { name: 'a', type: '3' }],
  ['a pipe', { name: 'a', type: '6' }],
  ['a size beyond the end', { name: 'a', size: 100_000 }],
  ['an extended header without an end', { name: 'x', type: 'x', content: '30 path=a' }],
  ['an extended header of no length', { name: 'x', type: 'x', content: '0 path=a\n' }],
  ['an extended header that is huge', { name: 'x', type: 'x', size: 2 ** 30 }, 413],
  ['a long name that climbs up', { name: 'x', type: 'x', content: paxRecord('path', '../a') }],
  ['a name for all entries', { name: 'g', type: 'g', content: paxRecord('path', 'other') }],
  ['a size for all entries', { name: 'g', type: 'g', content: paxRecord('size', '512') }],
  [
    'two names in a header',
    { name: 'x', type: 'x', content: paxRecord('path', 'a') + paxRecord('path', 'b') },
  ],
  ['a name of a sparse file', { name: 'x', type: 'x', content: paxRecord('GNU.sparse.name', 'other') }],
  ['a sparse file of GNU', { name: 'a', type: 'S' }],
  ['a prefix that only some tools read', { name: 'a', prefix: 'b', magic: 'ustar  ' }],
  ['a directory with bytes', { name: 'a/', type: '5', size: 512 }],
  ['a link with bytes', { name: 'a', type: '2', link: 'b', size: 512 }],
  ['a hard link with bytes', { name: 'a', type: '1', link: 'b', size: 512 }],
  ['a file with bytes that is named like a directory', { name: 'a/', content: 'x' }],
  ['a file that is called as the folder itself', { name: '.' }],
  ['a size behind a NUL', { name: 'a', size: '\u00000000001000' }],
  ['a size with something behind it', { name: 'a', size: '0 7' }],
  ['an extended header of many records', { name: 'x', type: 'x', content: '5 a=\n'.repeat(5000) }, 413],
]

for (const [title, entry, status = 400] of refusals) {
  test(`refuses ${title}`, () =>
    assert.rejects(read(writeTar([entry, { name: 'next' }])), (error) => {
      return error instanceof Problem && error.status === status
    }))
}

test('refuses an entry whose name is said twice, where tools take the first or the last', async () => {
  const said = [
    { name: 'x', type: 'x', content: paxRecord('path', 'b') },
    { name: 'L', type: 'L', content: 'c\0' },
    { name: 'x', type: 'x', content: paxRecord('path', 'd') },
  ]
  for (const [first, second] of [
    [0, 1],
    [1, 0],
    [0, 2],
  ] as const)
    await assert.rejects(read(writeTar([said[first]!, said[second]!, { name: 'a' }])), { status: 400 })
  const others = { name: 'x', type: 'x', content: paxRecord('mtime', '1') }
  assert.deepEqual(await read(writeTar([said[1]!, others, { name: 'a' }])), ['file c '])
})

test('refuses what would be written through a link', async () => {
  const link = { name: 'top/link', type: '2', link: '.' }
  const hard = { name: 'top/link', type: '1', link: 'top/a' }
  for (const [first, name] of [
    [link, 'top/link/a'],
    [link, 'top/link'],
    [hard, 'top/link'],
    [link, 'top/link/b/c'],
  ] as const)
    await assert.rejects(read(writeTar([first, { name }])), { status: 400 }, name)
  assert.equal((await read(writeTar([link, { name: 'top/link2' }, { name: 'top/lin' }]))).length, 3)
})

test('reads directories as older tools write them, and the folder itself', async () => {
  const archive = writeTar([
    { name: '.', type: '5' },
    { name: './', type: '5' },
    { name: 'top/', type: '\0' },
  ])
  assert.deepEqual(await read(archive), ['directory . ', 'directory . ', 'directory top '])
})

test('reads a name and its prefix', async () => {
  assert.deepEqual(await read(writeTar([{ name: 'a', prefix: 'top/b' }])), ['file top/b/a '])
})

test('reads any archive the same, however it is cut', async () => {
  const entry = fc.record({
    name: fc.stringMatching(/^[a-z]{1,120}$/),
    content: fc.uint8Array({ maxLength: 1200 }),
  })
  const sizes = fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 20 })
  const property = fc.asyncProperty(fc.array(entry, { maxLength: 6 }), sizes, async (entries, cuts) => {
    const archive = writeTar(
      entries.flatMap(({ name, content }) => [
        { name: 'x', type: 'x', content: paxRecord('path', name) },
        { name: 'short', content },
      ]),
    )
    async function* pieces() {
      for (let at = 0, count = 0; at < archive.length; count++) {
        const size = cuts[count % cuts.length]! + Number(count % cuts.length === 0)
        yield archive.subarray(at, at + size)
        at += size
      }
    }
    const found: unknown[] = []
    for await (const { name, body } of readTar(pieces(), { entries: 50 }))
      found.push({ name, content: new Uint8Array(Buffer.concat(await Array.fromAsync(body))) })
    assert.deepEqual(
      found,
      entries.map(({ name, content }) => ({ name, content: new Uint8Array(content) })),
    )
  })
  await fc.assert(property, { numRuns: 200 })
})

test('many headers, and much behind the end, take little work', async () => {
  const archive = writeTar(Array.from({ length: 50_000 }, (_, at) => ({ name: `${at}` })))
  const began = process.cpuUsage()
  let count = 0
  const pieces = cut(Buffer.concat([archive, Buffer.alloc(100_000_000)]), 64 * 1024)
  for await (const _ of readTar(pieces, { entries: 50_000 })) count++
  assert.equal(count, 50_000)
  assert.ok(process.cpuUsage(began).user < 1_500_000)
})

test('lists what is not to be unpacked', async () => {
  const archive = writeTar([
    { name: 'dev/null', type: '3' },
    { name: 'pipe', type: '6' },
    { name: 'etc/x', type: '2', link: '/etc/y' },
    { name: 'unit\\x2d\n.slice' },
    { name: '/usr/bin/x' },
    { name: '/.//y' },
    { name: 'etc/x/z' },
    { name: 'folder/', type: '5', size: 4096 },
  ])
  const found: string[] = []
  for await (const { name, kind } of readTar(cut(archive), { entries: 9, isListed: true }))
    found.push(`${kind} ${name}`)
  const names = ['device dev/null', 'device pipe', 'link etc/x', 'file unit\\x2d\n.slice']
  assert.deepEqual(found, [...names, 'file usr/bin/x', 'file y', 'file etc/x/z', 'directory folder'])
  for (const name of ['../a', 'a/../b', 'a//b'])
    await assert.rejects(
      async () => {
        for await (const _ of readTar(cut(writeTar([{ name }])), { entries: 9, isListed: true }));
      },
      { status: 400 },
    )
})

test('refuses what stands behind the end', async () => {
  const archive = writeTar([{ name: 'a' }])
  await assert.rejects(read(Buffer.concat([archive, writeTar([{ name: 'b' }])])), { status: 400 })
  assert.deepEqual(await read(Buffer.concat([archive, Buffer.alloc(9000)])), ['file a '])
})

test('lets go of the source when nobody reads on', async () => {
  let isClosed = false
  async function* closing() {
    try {
      for (;;) yield writeTar([{ name: 'a' }]).subarray(0, 512)
    } finally {
      isClosed = true
    }
  }
  for await (const _ of readTar(closing(), { entries: 9 })) break
  assert.ok(isClosed)
})

test('refuses more entries than allowed', () => {
  const many = Array.from({ length: 51 }, (_, at) => ({ name: `f${at}` }))
  return assert.rejects(read(writeTar(many)), { status: 413 })
})

test('any bytes are read or refused', async () => {
  const bytes = writeTar([
    { name: 'x', type: 'x', content: paxRecord('path', 'b') },
    { name: 'a', content: 'abc' },
  ])
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
