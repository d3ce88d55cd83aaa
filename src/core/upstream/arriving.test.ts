import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import { Arriving } from './arriving.ts'

const kib = 1024
const head = (size: number) => ({ size, digests: {} })

/** Storage that holds the file in the end. */
const kept = (bytes: Buffer) => ({
  row: 'kept',
  open: ({ start, end = bytes.length - 1 }: { start: number; end?: number }) =>
    Readable.from([bytes.subarray(start, end + 1)]),
})

async function feed(file: Arriving, bytes: Buffer, piece = 64 * kib): Promise<void> {
  for (let at = 0; at < bytes.length; at += piece) await file.push(bytes.subarray(at, at + piece))
}

test('whoever reads along gets the end only when all was found right', async () => {
  const bytes = randomBytes(300 * kib)
  const file = new Arriving(head(bytes.length), 1)
  const got: Buffer[] = []
  const reading = (async () => {
    for await (const piece of file.open()) got.push(piece as Buffer)
  })()
  await feed(file, bytes)
  await sleep(10)
  const soFar = Buffer.concat(got).length
  assert.ok(soFar > 0 && soFar <= bytes.length - 64 * kib, `${soFar} bytes were handed out`)
  file.verified({ sha256: 'right' })
  await reading
  assert.deepEqual(Buffer.concat(got), bytes)
  assert.deepEqual(await file.whole, { size: bytes.length, digests: { sha256: 'right' } })
  assert.deepEqual(await buffer(file.open()), bytes, 'who comes later has it from memory')
})

test('what turns out wrong breaks off before its end, for all who read', async () => {
  const bytes = randomBytes(300 * kib)
  const file = new Arriving(head(bytes.length), 1)
  const readers = [buffer(file.open()), buffer(file.open())].map((reading) => reading.catch((error) => error))
  await feed(file, bytes)
  file.fail(new Error('wrong'))
  for (const outcome of await Promise.all(readers)) assert.equal((outcome as Error).message, 'wrong')
  await assert.rejects(file.whole, /wrong/)
  await assert.rejects(file.kept, /wrong/)
  await assert.rejects(buffer(file.open()), /wrong/)
})

test('the fastest reader sets the pace, and a slower one goes on from storage', async () => {
  const bytes = randomBytes(6 * 1024 * kib)
  const file = new Arriving(head(bytes.length), 1)
  const slow = file.open()[Symbol.asyncIterator]()
  const first = slow.next()
  const state = { isFed: false }
  const feeding = feed(file, bytes).then(() => (state.isFed = true))
  await first
  await sleep(20)
  assert.equal(state.isFed, false, 'nobody reads, so no more is taken than memory may hold')
  const fast = buffer(file.open())
  void fast
  await assert.rejects(
    Promise.race([fast, sleep(50).then(() => Promise.reject(new Error('it waits for storage')))]),
    /waits/,
    'who begins after the beginning has gone gets it from storage',
  )
  const rest: Buffer[] = [(await first).value as Buffer]
  for (let next = await slow.next(); !next.done && !state.isFed; next = await slow.next())
    rest.push(next.value as Buffer)
  await feeding
  file.verified({})
  file.keep(kept(bytes))
  for (let next = await slow.next(); !next.done; next = await slow.next()) rest.push(next.value as Buffer)
  assert.deepEqual(await fast, bytes)
})

test('ranges: from the beginning as it comes, from elsewhere when it is kept', async () => {
  const bytes = randomBytes(200 * kib)
  const file = new Arriving(head(bytes.length), 1)
  const beginning = buffer(file.open({ start: 0, end: 9 }))
  const middle = buffer(file.open({ start: 100 * kib, end: 100 * kib + 9 }))
  await feed(file, bytes)
  assert.deepEqual(await beginning, bytes.subarray(0, 10))
  file.verified({})
  file.keep(kept(bytes))
  assert.deepEqual(await middle, bytes.subarray(100 * kib, 100 * kib + 10))
})

test('where keeping fails, those who read have it all the same', async () => {
  const bytes = randomBytes(100 * kib)
  const file = new Arriving(head(bytes.length), 1)
  const reading = buffer(file.open())
  await feed(file, bytes)
  file.verified({})
  file.fail(new Error('the disk is full'))
  assert.deepEqual(await reading, bytes)
  await assert.rejects(file.kept, /full/)
})

test('what is not kept comes at the pace of the slowest who reads it, from its beginning', async () => {
  const bytes = randomBytes(8 * 1024 * kib)
  const file = new Arriving(head(bytes.length), 1)
  const slow = file.open()[Symbol.asyncIterator]()
  const got: Buffer[] = [(await Promise.all([slow.next(), file.push(bytes.subarray(0, 100 * kib))]))[0].value]
  file.unkept(new Error('the disk is full'))
  const fast = buffer(file.open())
  const state = { isFed: false }
  const feeding = feed(file, bytes.subarray(100 * kib)).then(() => (state.isFed = true))
  await sleep(50)
  assert.equal(state.isFed, false, 'it waits for the slow one')
  await assert.rejects(
    buffer(file.open({ start: 5 })),
    /full/,
    'from elsewhere it would be read from storage',
  )
  const reading = (async () => {
    for (let next = await slow.next(); !next.done; next = await slow.next()) got.push(next.value as Buffer)
  })()
  await feeding
  file.verified({ sha256: 'right' })
  file.fail(new Error('the disk is full'))
  await reading
  assert.ok(Buffer.concat(got).equals(bytes))
  assert.ok((await fast).equals(bytes))
  await assert.rejects(buffer(file.open()), /full/, 'its beginning is not there any more')
})

test('what nobody keeps or reads ends', async () => {
  const file = new Arriving(head(8 * 1024 * kib), 1)
  file.unkept(new Error('the disk is full'))
  await assert.rejects(feed(file, randomBytes(8 * 1024 * kib)), /full/)
})
