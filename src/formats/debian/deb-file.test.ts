/** Binary packages, also ones that nobody meant well: read or refused, soon, and in little memory. */
import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import fc from 'fast-check'
import type { WrittenArEntry } from '../../lib/ar-writer.testing.ts'
import { Problem } from '../../lib/problem.ts'
import { writeTar, type WrittenTarEntry } from '../../lib/tar-writer.testing.ts'
import { turn } from '../../lib/turn.ts'
import { chunkOfZeros } from '../../lib/xz-samples.testing.ts'
import { writeXz } from '../../lib/xz-writer.testing.ts'
import type { SeekableFile } from '../../lib/zip-directory.ts'
import { readContents, type DataLimits } from './read-contents.ts'
import { readDebFile } from './deb-file.ts'
import { controlText, pack, packings, sampleDeb, type Packing } from './sample-debs.ts'

const sample = { name: 'hello', version: '1:2.10-3', architecture: 'amd64' }

/** Counts what is read of it. */
function fileOf(bytes: Buffer): SeekableFile & { readonly read: { bytes: number; open: number } } {
  const read = { bytes: 0, open: 0 }
  return {
    size: bytes.length,
    read,
    open({ start, end = bytes.length - 1 } = { start: 0 }) {
      read.open++
      async function* pieces() {
        for (let at = start; at <= end; at += 500) {
          const piece = bytes.subarray(at, Math.min(at + 500, end + 1))
          read.bytes += piece.length
          yield piece
        }
      }
      const stream = Readable.from(pieces(), { objectMode: false, highWaterMark: 500 })
      stream.once('close', () => read.open--)
      return stream
    },
  }
}

async function readAll(bytes: Buffer): Promise<readonly string[]> {
  const file = fileOf(bytes)
  await readDebFile(file)
  return (await readContents(file.open())).items
}

const withControl = (entries: readonly WrittenTarEntry[], packing: Packing = '') =>
  sampleDeb({ ...sample, packing }, (members) =>
    members.with(1, { name: `control.tar${packing}`, content: pack(writeTar(entries), packing) }),
  )
const controlOf = (text: string) => withControl([{ name: './control', content: text }])
const text = controlText(sample)

for (const packing of packings)
  test(`reads a package packed as ${packing || 'nothing'}`, async () => {
    const bytes = sampleDeb({ ...sample, packing, fields: ['Source: greetings (2.10)', 'Depends: libc6'] })
    const file = fileOf(bytes)
    const { control, data, ...said } = await readDebFile(file)
    assert.deepEqual(said, {
      name: 'hello',
      version: '1:2.10-3',
      architecture: 'amd64',
      source: { name: 'greetings', version: '2.10' },
      controlFiles: ['md5sums'],
    })
    assert.deepEqual(control.at(-1), ['Description', 'A sample called hello\n with more to say of it'])
    assert.equal(data.name, `data.tar${packing}`)
    assert.deepEqual(await readContents(file.open()), { label: 'hello', items: ['usr/share/doc/hello'] })
    await turn()
    assert.equal(file.read.open, 0)
  })

test('does not read the files of a package', async () => {
  const content = Buffer.alloc(1_000_000)
  const file = fileOf(sampleDeb({ ...sample, packing: '', files: [{ name: './zeros', content }] }))
  await readDebFile(file)
  assert.ok(file.read.bytes < 10_000, String(file.read.bytes))
})

test('names the package itself as its source where there is no other', async () => {
  assert.deepEqual((await readDebFile(fileOf(controlOf(text)))).source, {
    name: 'hello',
    version: '1:2.10-3',
  })
  const other = controlOf(`${text}Source: greetings\n`)
  assert.deepEqual((await readDebFile(fileOf(other))).source, { name: 'greetings', version: '1:2.10-3' })
})

test('passes over members whose names begin with an underscore', async () => {
  const extra: WrittenArEntry = { name: '_gpgorigin', content: 'odd' }
  const bytes = sampleDeb(sample, ([first, control, data]) => [first!, extra, control!, extra, data!, extra])
  assert.deepEqual(await readAll(bytes), ['usr/share/doc/hello'])
})

test('lists links, devices and odd names, but no directories and nothing that is no text', async () => {
  const files: WrittenTarEntry[] = [
    { name: './a b', content: 'x' },
    { name: './etc/x', type: '2', link: '/etc/alternatives/x' },
    { name: './loop', type: '2', link: 'loop' },
    { name: './hard', type: '1', link: './a b' },
    { name: './dev/null', type: '3' },
    { name: './unit\\x2d.slice', content: '' },
    { name: './ü', content: '' },
    { name: './line\nfeed', content: '' },
    { name: './folder/', type: '5' },
  ]
  const found = await readAll(sampleDeb({ ...sample, files }))
  assert.deepEqual(found, ['a b', 'etc/x', 'loop', 'hard', 'dev/null', 'unit\\x2d.slice', 'ü'])
  assert.deepEqual(
    await readAll(sampleDeb({ ...sample, packing: '' }, (all) => all.with(2, { name: 'data.tar' }))),
    [],
  )
})

const member = (at: number, change: Partial<WrittenArEntry>) =>
  sampleDeb(sample, (all) => all.with(at, { ...all[at]!, ...change }))
const refusals: readonly (readonly [title: string, bytes: Buffer, status?: number])[] = [
  ['what is no archive', Buffer.from('no package at all')],
  ['nothing', Buffer.alloc(0)],
  ['an archive of nothing', sampleDeb(sample, () => [])],
  ['no debian-binary', sampleDeb(sample, (all) => all.slice(1))],
  ['another version of the format', member(0, { content: '3.0\n' })],
  ['a debian-binary that is no version', member(0, { content: '2\n' })],
  ['a debian-binary that is large', member(0, { content: `2.0\n${'x'.repeat(2000)}` }), 413],
  ['no control.tar', sampleDeb(sample, (all) => all.toSpliced(1, 1))],
  ['no data.tar', sampleDeb(sample, (all) => all.slice(0, 2))],
  ['files before the control file', sampleDeb(sample, ([a, b, c]) => [a!, c!, b!])],
  ['two control.tar', sampleDeb(sample, ([a, b, c]) => [a!, b!, b!, c!])],
  ['two data.tar', sampleDeb(sample, ([a, b, c]) => [a!, b!, c!, c!])],
  ['another member', sampleDeb(sample, ([a, b, c]) => [a!, { name: 'extra' }, b!, c!])],
  ['another member at the end', sampleDeb(sample, (all) => [...all, { name: 'extra' }])],
  [
    'many members',
    sampleDeb(sample, (all) => [...all, ...Array.from({ length: 30 }, () => ({ name: '_x' }))]),
    413,
  ],
  ['a control.tar packed as bzip2', member(1, { name: 'control.tar.bz2' })],
  ['a data.tar packed as lzma', member(2, { name: 'data.tar.lzma' })],
  ['a control.tar of an unknown ending', member(1, { name: 'control.tar.z' })],
  [
    'a control.tar of an unknown ending that is not packed',
    sampleDeb({ ...sample, packing: '' }, (all) => all.with(1, { ...all[1]!, name: 'control.tar.z' })),
  ],
  ['a control.tar packed otherwise than it says', member(1, { name: 'control.tar.gz' })],
  ['a control.tar that says it is larger', member(1, { size: 100_000 })],
  ['a data.tar that says it is larger', member(2, { size: 2 ** 32 })],
  ['a data.tar that says it is smaller', member(2, { size: 10 })],
  ['no control file', withControl([{ name: './md5sums' }])],
  [
    'a control file twice',
    withControl([
      { name: 'control', content: text },
      { name: './control', content: text },
    ]),
  ],
  ['a control file that is a link', withControl([{ name: './control', type: '2', link: 'control' }])],
  ['a control file that is a folder', withControl([{ name: './control/', type: '5' }])],
  ['a link in control.tar that leads out', withControl([{ name: './x', type: '2', link: '/etc' }])],
  ['a control file that is large', controlOf(`${text}A: ${'x'.repeat(300_000)}\n`), 413],
  [
    'a control.tar that is large',
    withControl([{ name: 'x', content: Buffer.alloc(17_000_000) }], '.zst'),
    413,
  ],
  ['a control.tar of many entries', withControl(Array.from({ length: 5002 }, () => ({ name: 'x' }))), 413],
  [
    'a control file that a link replaces',
    withControl([
      { name: './here', type: '2', link: '.' },
      { name: './control', content: text },
      { name: './here/control', content: text.replace('hello', 'other') },
    ]),
  ],
  ...['Revision', 'Package-Revision', 'package_revision', 'Status', 'Config-Version', 'Triggers-Pending'].map(
    (field) => [`a control file with ${field}`, controlOf(`${text}${field}: 2\n`)] as const,
  ),
  ['a control file with Triggers-Awaited', controlOf(`${text}Triggers-Awaited: x\n`)],
  ['two paragraphs', controlOf(`${text}\nA: b\n`)],
  ['a bad name', controlOf(text.replace('hello', 'Hello'))],
  ['a bad version', controlOf(text.replace('1:2.10-3', 'one'))],
  ['a bad architecture', controlOf(text.replace('amd64', '../amd64'))],
  ['any architecture', controlOf(text.replace('amd64', 'linux-any'))],
  ['no architecture', controlOf(text.replace(/Architecture.*\n/, ''))],
  ['a bad source', controlOf(`${text}Source: ../x\n`)],
  ['a bad version of the source', controlOf(`${text}Source: hello (x)\n`)],
]

for (const [title, bytes, status = 400] of refusals)
  test(`refuses ${title}`, () => assert.rejects(readDebFile(fileOf(bytes)), { name: 'Problem', status }))

test('stops bombs, in the control file and in the files', async () => {
  const zeros = Buffer.concat(Array.from({ length: 300 }, () => chunkOfZeros))
  const xz = writeXz({ blocks: [{ chunks: zeros, content: Buffer.alloc(0), dictionary: 30 }], check: 0 })
  const long = { name: 'zeros', size: 500_000_000 }
  const tar = writeTar([long]).subarray(0, 512)
  for (const packing of ['.gz', '.zst'] as const) {
    const content = pack(Buffer.concat([tar, Buffer.alloc(60_000_000)]), packing)
    await stops(sampleDeb({ ...sample, packing }, (all) => all.with(1, { ...all[1]!, content })))
    const deb = sampleDeb({ ...sample, packing }, (all) => all.with(2, { ...all[2]!, content }))
    await stops(deb, { unpacked: 50_000_000 })
  }
  await stops(sampleDeb(sample, (all) => all.with(1, { ...all[1]!, content: xz })))
  const many = Array.from({ length: 300 }, (_, at) => ({ name: `${at}${'x'.repeat(50)}` }))
  const deb = sampleDeb({ ...sample, files: many })
  await stops(deb, { entries: 299 })
  await stops(deb, { characters: 5000 })
})

async function stops(bytes: Buffer, limits: Partial<DataLimits> = {}): Promise<void> {
  const file = fileOf(bytes)
  const began = performance.now()
  const work = async () => {
    await readDebFile(file)
    await readContents(file.open(), limits)
  }
  await assert.rejects(work, { name: 'Problem' })
  assert.ok(performance.now() - began < 5000)
  await turn()
  assert.equal(file.read.open, 0)
}

for (const packing of packings)
  test(`changed and cut packages (${packing || 'not packed'}) are read or refused, soon`, async () => {
    const bytes = sampleDeb({ ...sample, packing })
    const changes = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 5 })
    const property = fc.asyncProperty(
      changes,
      fc.nat(bytes.length),
      fc.boolean(),
      async (all, cut, isCut) => {
        const changed = Buffer.from(bytes)
        for (const [at, value] of all) changed[at] = value
        const began = performance.now()
        try {
          await readAll(changed.subarray(0, isCut ? cut : bytes.length))
        } catch (error) {
          assert.ok(error instanceof Problem, String(error))
          assert.ok(error.status === 400 || error.status === 413, String(error))
        }
        assert.ok(performance.now() - began < 1000)
      },
    )
    await fc.assert(property, { numRuns: 500 })
  })

for (const packing of packings)
  test(`changed control tapes (${packing || 'not packed'}) are read or refused`, async () => {
    const tar = writeTar([
      { name: './control', content: text },
      { name: './postinst', content: 'true' },
    ])
    const changes = fc.array(fc.tuple(fc.nat(tar.length - 1), fc.nat(255)), { maxLength: 5 })
    const property = fc.asyncProperty(changes, async (all) => {
      const changed = Buffer.from(tar)
      for (const [at, value] of all) changed[at] = value
      const content = pack(changed, packing)
      const bytes = sampleDeb({ ...sample, packing }, (members) =>
        members.with(1, { ...members[1]!, content }),
      )
      await readDebFile(fileOf(bytes)).catch((error) => assert.ok(error instanceof Problem, String(error)))
    })
    await fc.assert(property, { numRuns: 300 })
  })
