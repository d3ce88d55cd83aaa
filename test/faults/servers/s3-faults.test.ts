/** An object store that is slow, fails, cuts or lies: no wrong byte, nothing left over, clear words, and on it goes. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Fault, FaultRule } from '../../nodes/s3-proxy.ts'
import { large, medium, sha256, small, startS3App, type S3App } from './s3-app.ts'

/** Three tries of three seconds each with pauses between them, at two steps of an upload, on a busy machine. */
const longestMs = 30_000
const bytesOfBlobs = /\/packages\/blobs\//

const uploadFaults: readonly Fault[] = [
  'slow',
  'error-500',
  'error-503',
  'cut',
  'cut-upload',
  'corrupt-upload',
  'lost-answer',
]

async function refusedUpload(s3: S3App, name: string, bytes: Uint8Array, rule: FaultRule): Promise<void> {
  s3.proxy.misbehave(rule)
  const before = s3.proxy.done[rule.fault]
  const began = performance.now()
  const { status, text } = await s3.publish(name, bytes)
  const took = performance.now() - began
  assert.ok(s3.proxy.done[rule.fault] > before, `${name}: the fault reached nobody`)
  assert.equal(status, 503, `${name}: ${text}`)
  assert.match(text, /object store/i)
  assert.ok(took < longestMs, `${name} took ${took} ms`)
  const found = await s3.download(name)
  assert.ok(found !== 'broken' && found.status === 404, `${name} is not there`)
}

async function assertStored(s3: S3App, name: string, bytes: Uint8Array): Promise<void> {
  const found = await s3.download(name)
  assert.ok(found !== 'broken')
  assert.deepEqual([found.status, sha256(found.bytes)], [200, sha256(bytes)])
}

describe('publishing to an object store', { concurrency: 4 }, () => {
  for (const fault of uploadFaults) {
    it(`that does wrong (${fault}) fails clearly, leaves nothing and works again afterwards`, async (t) => {
      const s3 = await startS3App(t)
      for (const [size, bytes] of Object.entries({ small: small(), large: large() })) {
        const name = `${fault}-${size}`
        await refusedUpload(s3, name, bytes, { fault, method: 'PUT', path: bytesOfBlobs })
        s3.proxy.misbehave()
        assert.equal((await s3.publish(name, bytes)).status, 201, 'without a restart')
        await assertStored(s3, name, bytes)
      }
      await s3.assertNothingLeft()
    })
  }

  it('that does wrong once is asked again', async (t) => {
    const s3 = await startS3App(t)
    for (const fault of ['error-500', 'error-503', 'cut', 'lost-answer'] as const) {
      for (const [size, bytes] of Object.entries({ small: small(), large: large() })) {
        s3.proxy.misbehave({ fault, method: 'PUT', times: 1 }, { fault, method: 'POST', times: 1 })
        const name = `${fault}-${size}`
        assert.deepEqual([name, (await s3.publish(name, bytes)).status], [name, 201])
        await assertStored(s3, name, bytes)
      }
      assert.ok(s3.proxy.done[fault] >= 3)
    }
    await s3.assertNothingLeft()
  })

  it('that fails at the end of an upload in parts fails the publication', async (t) => {
    const s3 = await startS3App(t)
    for (const fault of ['slow', 'error-500', 'cut'] as const) {
      for (const path of [/\?uploads/, /uploadId=/]) {
        const rule = { fault, method: 'POST', path }
        await refusedUpload(s3, `${fault}-${path.source.length}`, large(), rule)
      }
    }
    await s3.assertNothingLeft()
  })

  it('that takes no mark away any more still publishes: a sweep does it later', async (t) => {
    const s3 = await startS3App(t)
    s3.proxy.misbehave({ fault: 'error-503', method: 'DELETE' })
    const bytes = small()
    assert.equal((await s3.publish('kept', bytes)).status, 201)
    assert.equal((await s3.publish('same-bytes', bytes)).status, 201)
    await assertStored(s3, 'kept', bytes)
    await assertStored(s3, 'same-bytes', bytes)
    assert.ok(s3.proxy.done['error-503'] > 0)
    await s3.assertNothingLeft()
  })
})

describe('downloading from an object store', { concurrency: 4 }, () => {
  for (const fault of ['slow', 'error-500', 'error-503'] as const) {
    it(`that does wrong (${fault}) fails clearly and works again afterwards`, async (t) => {
      const s3 = await startS3App(t)
      for (const [name, bytes] of Object.entries({ small: small(), medium: medium() })) {
        assert.equal((await s3.publish(name, bytes)).status, 201)
        s3.proxy.misbehave({ fault, method: 'GET', path: bytesOfBlobs })
        const began = performance.now()
        const found = await s3.download(name)
        assert.ok(found !== 'broken' && found.status === 503)
        assert.match(found.text, /object store/i)
        assert.ok(performance.now() - began < longestMs)
        s3.proxy.misbehave()
        await assertStored(s3, name, bytes)
      }
      assert.ok(s3.proxy.done[fault] >= 6)
    })
  }

  it('whose connections break half-way goes on where they broke', async (t) => {
    const s3 = await startS3App(t)
    for (const [name, bytes] of Object.entries({ small: small(), medium: medium(), large: large() })) {
      assert.equal((await s3.publish(name, bytes)).status, 201)
      const before = s3.proxy.done.cut
      s3.proxy.misbehave({ fault: 'cut', method: 'GET', path: bytesOfBlobs, times: 3 })
      await assertStored(s3, name, bytes)
      assert.equal(s3.proxy.done.cut, before + 3)
    }
  })

  it('that serves other bytes than it was given never has them taken for the file', async (t) => {
    const s3 = await startS3App(t)
    for (const [name, bytes] of Object.entries({ small: small(), medium: medium(), large: large() })) {
      assert.equal((await s3.publish(name, bytes)).status, 201)
      const before = s3.proxy.done.corrupt
      s3.proxy.misbehave({ fault: 'corrupt', method: 'GET', path: bytesOfBlobs })
      const found = await s3.download(name)
      assert.ok(s3.proxy.done.corrupt > before)
      if (found !== 'broken') {
        assert.equal(found.status, 500)
        assert.match(found.text, /damaged/)
      }
      assert.equal(found === 'broken', name !== 'small')
      s3.proxy.misbehave()
      await assertStored(s3, name, bytes)
    }
  })
})

it('a store that dies and comes back is used again without a restart', async (t) => {
  const s3 = await startS3App(t)
  const bytes = medium()
  assert.equal((await s3.publish('before', bytes)).status, 201)
  await s3.server.kill()
  const { status, text } = await s3.publish('meanwhile', bytes)
  assert.equal(status, 503, text)
  const found = await s3.download('before')
  assert.ok(found !== 'broken' && found.status === 503)
  await s3.server.start()
  await assertStored(s3, 'before', bytes)
  assert.equal((await s3.publish('meanwhile', bytes)).status, 201)
  await s3.assertNothingLeft()
})
