import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import * as fc from 'fast-check'
import { readLimit, StoredBytesMissing } from './blob-store.ts'
import type { BlobStore } from './blob-store.ts'

/** One empty place to store in, made for one test. */
export interface StorePlace {
  /** Opens a store there; a second one sees what a restarted server would. */
  open(): Promise<BlobStore>
  /** Names of all files or objects there, marks included. */
  everything(): Promise<string[]>
}

/**
 * What every blob store must do, whatever it stores in. `makePlace` cleans up with `t.after`.
 */
export function blobStoreSuite(title: string, makePlace: (t: TestContext) => Promise<StorePlace>): void {
  describe(title, () => {
    describe('writing and reading', () => readingTests(makePlace))
    describe('stretches', () => rangeTests(makePlace))
    describe('failures', () => failureTests(makePlace))
    describe('leftovers', () => leftoverTests(makePlace))
  })
}

type MakePlace = (t: TestContext) => Promise<StorePlace>

function readingTests(makePlace: MakePlace): void {
  it('gives back what was written, whatever the chunks', async (t) => {
    const store = await (await makePlace(t)).open()
    const bodies = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 150 })
    await fc.assert(
      fc.asyncProperty(bodies, async (chunks) => {
        const whole = Buffer.concat(chunks)
        const { key, size } = await store.write(inChunks(chunks))
        assert.equal(size, whole.length)
        assert.deepEqual(await store.read(key), whole)
        assert.deepEqual(await buffer(store.open(key)), whole)
      }),
      { numRuns: 30 },
    )
  })

  it('keeps large bodies whole and streams them in pieces of at most 1 MiB', async (t) => {
    const store = await (await makePlace(t)).open()
    const chunks = Array.from({ length: 50 }, () => randomBytes(65_536 + 17))
    const { key } = await store.write(Readable.from(chunks))
    const pieces: Buffer[] = []
    for await (const piece of store.open(key)) pieces.push(piece)
    assert.ok(pieces.every((piece) => piece.length <= 1024 * 1024))
    assert.ok(Buffer.concat(pieces).equals(Buffer.concat(chunks)))
  })

  it('never uses a key twice, not even for the same bytes', async (t) => {
    const store = await (await makePlace(t)).open()
    const written = await Promise.all(Array.from({ length: 20 }, () => store.write(inChunks(['same']))))
    const keys = new Set(written.map(({ key }) => key))
    assert.equal(keys.size, 20)
    for (const key of keys) assert.match(key, /^[0-9a-f]{2}\/[0-9a-f]{2}\/[0-9a-f]{32}$/)
  })

  it('counts what it did', async (t) => {
    const store = await (await makePlace(t)).open()
    const { key } = await store.write(inChunks(['x']))
    await store.read(key)
    await buffer(store.open(key))
    await store.delete(key)
    assert.deepEqual({ ...store.counts }, { opens: 2, writes: 1, deletes: 1 })
  })

  it('reads at once only what is small', async (t) => {
    const store = await (await makePlace(t)).open()
    const { key } = await store.write(inChunks([Buffer.alloc(readLimit + 1)]))
    await assert.rejects(store.read(key), RangeError)
  })

  it('leaves nothing of what was deleted, kept or not', async (t) => {
    const place = await makePlace(t)
    const store = await place.open()
    const [kept, fresh] = await Promise.all([store.write(inChunks(['a'])), store.write(inChunks(['b']))])
    await store.keep(kept.key)
    for (const { key } of [kept, fresh]) {
      await store.delete(key)
      await store.delete(key)
      await assert.rejects(store.read(key), StoredBytesMissing)
    }
    assert.deepEqual(await place.everything(), [])
  })
}

function rangeTests(makePlace: MakePlace): void {
  it('reads any stretch', async (t) => {
    const store = await (await makePlace(t)).open()
    const whole = randomBytes(5000)
    const { key } = await store.write(inChunks([whole]))
    const stretch = fc
      .tuple(fc.nat(4999), fc.nat(4999))
      .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
    await fc.assert(
      fc.asyncProperty(stretch, async ([start, end]) => {
        assert.deepEqual(await buffer(store.open(key, { start, end })), whole.subarray(start, end + 1))
        assert.deepEqual(await buffer(store.open(key, { start })), whole.subarray(start))
      }),
      { numRuns: 30 },
    )
  })

  it('fails when the bytes stop before the stretch does', async (t) => {
    const store = await (await makePlace(t)).open()
    const { key } = await store.write(inChunks(['12345']))
    await assert.rejects(buffer(store.open(key, { start: 0, end: 5 })), StoredBytesMissing)
  })

  it('refuses a stretch that is none', async (t) => {
    const store = await (await makePlace(t)).open()
    const { key } = await store.write(inChunks(['12345']))
    for (const range of [{ start: -1 }, { start: 3, end: 2 }, { start: 0.5 }, { start: Number.NaN }]) {
      assert.throws(() => store.open(key, range), RangeError)
    }
  })
}

function failureTests(makePlace: MakePlace): void {
  it('leaves nothing when the body fails, early or late', async (t) => {
    const place = await makePlace(t)
    const store = await place.open()
    for (const chunks of [0, 1, 40]) {
      await assert.rejects(store.write(failing(chunks)), /hung up/)
    }
    assert.deepEqual(await place.everything(), [])
    assert.equal(store.counts.writes, 0)
  })

  it('leaves nothing when the body is destroyed under way', async (t) => {
    const place = await makePlace(t)
    const store = await place.open()
    const body = new Readable({ read() {} })
    const writing = store.write(body)
    body.push(Buffer.alloc(100_000))
    setImmediate(() => body.destroy())
    await assert.rejects(writing)
    assert.deepEqual(await place.everything(), [])
  })

  it('fails on missing bytes as a stream and as a read', async (t) => {
    const store = await (await makePlace(t)).open()
    const missing = `ab/cd/abcd${'0'.repeat(28)}`
    await assert.rejects(store.read(missing), StoredBytesMissing)
    await assert.rejects(buffer(store.open(missing)), StoredBytesMissing)
  })

  it('takes no key but its own', async (t) => {
    const store = await (await makePlace(t)).open()
    const good = `ab/cd/abcd${'0'.repeat(28)}`
    for (const key of [
      '',
      '..',
      `../../${good}`,
      `${good}/..`,
      `${good}\0`,
      `${good}\n`,
      good.toUpperCase(),
    ]) {
      assert.throws(() => store.open(key), TypeError)
      await assert.rejects(store.read(key), TypeError)
      await assert.rejects(store.keep(key), TypeError)
      await assert.rejects(store.release(key), TypeError)
      await assert.rejects(store.delete(key), TypeError)
    }
  })

  it('can be broken off while it reads', async (t) => {
    const store = await (await makePlace(t)).open()
    const { key } = await store.write(inChunks([Buffer.alloc(3_000_000)]))
    for (const moment of ['at once', 'later']) {
      const stream = store.open(key)
      if (moment === 'later') await new Promise((resolve) => stream.once('readable', resolve))
      const closed = new Promise((resolve) => stream.once('close', resolve))
      stream.destroy()
      await closed
    }
  })

  it('refuses to write once closed', async (t) => {
    const place = await makePlace(t)
    const store = await place.open()
    await store.close()
    await assert.rejects(store.write(inChunks(['x'])), /closed/)
    assert.deepEqual(await place.everything(), [])
  })
}

function leftoverTests(makePlace: MakePlace): void {
  it('finds after a restart what was neither kept nor deleted', async (t) => {
    const place = await makePlace(t)
    const before = await place.open()
    const [kept, deleted, lost] = await Promise.all(
      ['kept', 'deleted', 'lost'].map((text) => before.write(inChunks([text]))),
    )
    await before.keep(kept!.key)
    await before.keep(kept!.key)
    await before.delete(deleted!.key)
    await before.close()
    const after = await place.open()
    assert.deepEqual(await leftoversOf(after, 0), [lost!.key])
    assert.equal((await after.read(lost!.key)).toString(), 'lost')
    await after.keep(lost!.key)
    await after.close()
    assert.deepEqual(await leftoversOf(await place.open(), 0), [])
    assert.equal((await after.read(kept!.key)).toString(), 'kept')
  })

  it('never lists what the same run wrote or is writing', async (t) => {
    const store = await (await makePlace(t)).open()
    await store.write(inChunks(['done']))
    const body = new Readable({ read() {} })
    const writing = store.write(body)
    body.push(Buffer.alloc(1000))
    assert.deepEqual(await leftoversOf(store, 0), [])
    body.push(null)
    const { key, size } = await writing
    assert.equal(size, 1000)
    assert.equal((await store.read(key)).length, 1000)
  })

  it('leaves alone what is younger than asked, of whatever run', async (t) => {
    const place = await makePlace(t)
    const [one, other] = [await place.open(), await place.open()]
    const [{ key }, kept] = [await one.write(inChunks(['lost'])), await one.write(inChunks(['kept']))]
    await one.keep(kept.key)
    await one.close()
    for (const store of [one, other]) assert.deepEqual(await leftoversOf(store, 60_000), [])
    // Stores may count in whole seconds.
    await sleep(2500)
    for (const store of [one, other]) assert.deepEqual(await leftoversOf(store, 1000), [key])
    assert.equal((await place.everything()).length, 3)
  })

  it('are what was released, from then on and with their bytes', async (t) => {
    const place = await makePlace(t)
    const store = await place.open()
    const { key } = await store.write(inChunks(['moved away']))
    await store.keep(key)
    await store.release(key)
    await store.release(key)
    assert.deepEqual(await leftoversOf(store, 60_000), [])
    const after = await place.open()
    assert.deepEqual(await leftoversOf(after, 0), [key])
    assert.equal((await after.read(key)).toString(), 'moved away')
    await after.delete(key)
    assert.deepEqual(await place.everything(), [])
  })

  it('can be deleted while they are listed', async (t) => {
    const place = await makePlace(t)
    const before = await place.open()
    await Promise.all(Array.from({ length: 100 }, () => before.write(inChunks(['lost']))))
    const after = await place.open()
    let found = 0
    for await (const key of after.leftovers({ olderThanMs: 0 })) {
      found++
      await after.delete(key)
    }
    assert.equal(found, 100)
    assert.deepEqual(await place.everything(), [])
  })
}

function leftoversOf(store: BlobStore, olderThanMs: number): Promise<string[]> {
  return Array.fromAsync(store.leftovers({ olderThanMs }))
}

async function* inChunks(chunks: Iterable<string | Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
}

async function* failing(chunks: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < chunks; i++) yield Buffer.alloc(65_536)
  throw new Error('the client hung up')
}
