/** Wheels and source distributions that nobody meant well: read or refused, soon, and in little memory. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { Problem } from '../../lib/problem.ts'
import { writeTar } from '../../lib/tar-writer.testing.ts'
import type { SeekableFile, ZipEntry } from '../../lib/zip-directory.ts'
import { writeZip } from '../../lib/zip-writer.testing.ts'
import { distributionOf } from './file-names.ts'
import { checkRecord } from './record.ts'
import { metadataText, recordOf, sampleSdist, sampleWheel, wheelFiles } from './sample-archives.ts'
import { readSdist } from './sdist.ts'
import { readWheel } from './wheel.ts'

const sample = { name: 'Hello', version: '1.0', content: 'x'.repeat(2000) }
const wheel = distributionOf('hello-1.0-py3-none-any.whl')
const source = distributionOf('hello-1.0.tar.gz')

function fileOf(bytes: Buffer): SeekableFile {
  return {
    size: bytes.length,
    open: ({ start, end = bytes.length - 1 } = { start: 0 }) =>
      Readable.from([bytes.subarray(start, end + 1)]),
  }
}

/** Bytes with some of them changed, and cut off somewhere. */
function spoiled(bytes: Buffer): fc.Arbitrary<Buffer> {
  const changes = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 5 })
  return fc.tuple(changes, fc.oneof(fc.constant(0), fc.nat(bytes.length))).map(([all, cut]) => {
    const changed = Buffer.from(bytes)
    for (const [at, value] of all) changed[at] = value
    return changed.subarray(0, changed.length - cut)
  })
}

async function survives(bytes: Buffer, read: (bytes: Buffer) => Promise<unknown>): Promise<void> {
  const property = fc.asyncProperty(spoiled(bytes), async (changed) => {
    const began = performance.now()
    try {
      await read(changed)
    } catch (error) {
      assert.ok(error instanceof Problem, String(error))
      assert.ok(error.status === 400 || error.status === 413, String(error))
    }
    assert.ok(performance.now() - began < 1000)
  })
  await fc.assert(property, { numRuns: 1000 })
}

const asWheel = (bytes: Buffer) => readWheel(fileOf(bytes), wheel)
const asSource = (bytes: Buffer) => readSdist(fileOf(bytes), source)

test('clean ones give their metadata', async () => {
  assert.equal((await asWheel(sampleWheel(sample))).toString(), metadataText(sample))
  assert.equal((await asSource(sampleSdist(sample))).toString(), metadataText(sample))
  const zip = writeZip([{ name: 'hello-1.0/PKG-INFO', content: metadataText(sample) }])
  const text = await readSdist(fileOf(zip), distributionOf('hello-1.0.zip'))
  assert.equal(text.toString(), metadataText(sample))
  const folders = [{ name: 'hello/', content: '', stored: true }, ...wheelFiles(sample)]
  const files = folders.map((entry) => ({ ...entry, descriptor: true, zip64: true }))
  const record = recordOf(files.slice(1), 'hello-1.0.dist-info')
  assert.equal((await asWheel(writeZip([...files, record]))).toString(), metadataText(sample))
})

test('changed and cut wheels', () => survives(sampleWheel(sample), asWheel))
test('changed and cut source distributions', () => survives(sampleSdist(sample), asSource))
test('changed and cut tapes, packed again', () =>
  survives(gunzipSync(sampleSdist(sample)), (bytes) => asSource(gzipSync(bytes))))

test('a source distribution is one folder', async () => {
  const info = { name: 'hello-1.0/PKG-INFO', content: metadataText(sample) }
  for (const name of ['setup.py', 'Hello-1.0/PKG-INFO', 'hello-1.0.0/setup.py', 'other-1.0/x']) {
    const other = { name, content: 'x' }
    for (const files of [
      [info, other],
      [other, info],
    ]) {
      const zip = readSdist(fileOf(writeZip(files)), distributionOf('hello-1.0.zip'))
      await assert.rejects(zip, { status: 400 }, name)
      await assert.rejects(asSource(gzipSync(writeTar(files))), { status: 400 }, name)
    }
  }
})

test('bombs end soon', async () => {
  const zeros = Buffer.alloc(200_000_000)
  const bombs: readonly (readonly [bytes: Buffer, read: typeof asWheel])[] = [
    [gzipSync(zeros), asSource],
    [gzipSync(writeTar([{ name: 'hello-1.0/PKG-INFO', content: zeros.subarray(0, 50_000_000) }])), asSource],
    [sampleWheel(sample, (files) => files.with(1, { ...files[1]!, content: zeros })), asWheel],
    [sampleWheel(sample, (files) => files.with(0, { ...files[0]!, content: zeros, size: 2000 })), asWheel],
  ]
  for (const [bytes, read] of bombs) {
    const began = performance.now()
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    await assert.rejects(read(bytes), Problem)
    delay.disable()
    assert.ok(delay.max < 1e9, `everything else waited for ${delay.max / 1e6} ms`)
    assert.ok(performance.now() - began < 10_000)
  }
})

test('RECORD is CSV, with quotes where a path needs them', async () => {
  const odd = { name: 'a "b", c.py', content: 'odd' }
  const plain = [odd, ...wheelFiles(sample)]
  const record = recordOf(plain, 'hello-1.0.dist-info')
  const quoted = String(record.content).replace('a "b", c.py', '"a ""b"", c.py"').replaceAll('\n', '\r\n')
  assert.ok(await asWheel(writeZip([...plain, { ...record, content: quoted }])))
  const broken = [
    record.content,
    `${quoted}x`,
    `${quoted}x,y`,
    `${quoted}"x`,
    `${quoted}a,b,c,d\n`,
    quoted + quoted,
    `"${'x'.repeat(20_000_000)}`,
    `${quoted}${'""'.repeat(2_000_000)}`,
  ]
  for (const content of [...broken, quoted.replaceAll('sha256', 'md5'), quoted.replace(/,\d+/, ',1'), ''])
    await assert.rejects(asWheel(writeZip([...plain, { ...record, content }])), { status: 400 })
  const signed = { name: 'hello-1.0.dist-info/RECORD.jws', content: '{}' }
  assert.ok(await asWheel(writeZip([...plain, { ...record, content: quoted }, signed])))
})

test('of a huge wheel only the first files are hashed', async () => {
  const sizes = [200, 100, 50].map((megabytes) => megabytes * 1024 * 1024)
  const entries = sizes.map((size, at) => ({ name: `f${at}`, size }) as ZipEntry)
  const digest = createHash('sha256').update('good').digest('base64url')
  const text = entries.map(({ name, size }) => `${name},sha256=${digest},${size}\n`).join('')
  const record = await checkRecord(text, 'x-1.dist-info', entries)
  record.take(entries[0]!)!(Buffer.from('good'))
  assert.equal(record.take(entries[1]!), undefined)
  record.take(entries[2]!)!(Buffer.from('bad'))
  assert.throws(() => record.finish(), /the bytes of "f2" are others/)
})
