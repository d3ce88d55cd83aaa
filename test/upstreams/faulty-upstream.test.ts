/** The harness itself: every fault is what it says, and is counted once a caller has it. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { makeCertificate } from '../certificate.ts'
import { readExactly, type Arrived } from './exact-reader.ts'
import * as faults from './faults.ts'
import {
  startFaultyUpstream,
  type ConnectionFault,
  type Fault,
  type FaultyUpstream,
} from './faulty-upstream.ts'

const body = randomBytes(100_000)
let upstream: FaultyUpstream
before(async () => {
  upstream = await startFaultyUpstream()
  upstream.contents.set('/file', { body, type: 'application/octet-stream' })
  upstream.contents.set('/@a/doc', {
    body: Buffer.from('{"a":1}'),
    type: 'application/json',
    compressible: true,
  })
})
after(() => upstream?.close())

async function withFault(fault: Fault, limitMs = 5000, path = '/file'): Promise<Arrived> {
  const active = upstream.fail(path, fault)
  try {
    const arrived = await readExactly(upstream.url + path, { limitMs })
    assert.ok(active.count > 0, `${fault.title} reached the caller`)
    return arrived
  } finally {
    active.off()
  }
}

describe('an upstream', () => {
  it('answers, compressed where asked, with conditions and HEAD, and notes what it was asked', async () => {
    upstream.forget()
    const whole = await readExactly(`${upstream.url}/file`, { headers: { authorization: 'Bearer x' } })
    assert.deepEqual([whole.status, whole.end], [200, 'complete'])
    assert.ok(whole.body.equals(body))
    const zipped = await readExactly(`${upstream.url}/@a%2fdoc`, { headers: { 'accept-encoding': 'gzip' } })
    assert.equal(gunzipSync(zipped.body).toString(), '{"a":1}')
    const etag = whole.headers['etag']!
    const known = await readExactly(`${upstream.url}/file`, { headers: { 'if-none-match': etag } })
    assert.deepEqual([known.status, known.end], [304, 'complete'])
    const head = await readExactly(`${upstream.url}/file`, { method: 'HEAD' })
    assert.deepEqual([head.headers['content-length'], head.end], ['100000', 'complete'])
    assert.equal((await readExactly(`${upstream.url}/none`)).status, 404)
    assert.equal(upstream.asked('/file'), 2)
    assert.equal(upstream.asked('/file', 'HEAD'), 1)
    assert.equal(upstream.asked(/doc$/), 1)
    assert.equal(upstream.sent('/file'), body.length)
    assert.equal(upstream.requests[0]!.headers.authorization, 'Bearer x')
    assert.deepEqual(new Set(upstream.requests.map(({ connection }) => connection)).size, 5)
  })

  for (const fault of [faults.status(404), faults.status(429, { 'retry-after': '7' }), faults.status(503)]) {
    it(`answers ${fault.title}`, async () => {
      const arrived = await withFault(fault)
      assert.equal(String(arrived.status), fault.title.slice(0, 3))
      assert.equal(arrived.end, 'complete')
    })
  }

  for (const fault of [
    faults.cut,
    faults.cutChunked,
    faults.cutAtStart,
    faults.cutAtEnd,
    faults.tooMuchAnnounced,
  ]) {
    it(fault.title, async () => {
      const arrived = await withFault(fault)
      assert.deepEqual([arrived.status, arrived.end], [200, 'broken'])
      assert.ok(arrived.body.length > 0)
    })
  }

  for (const fault of [faults.silence, faults.stopsInside, faults.drips]) {
    it(fault.title, async () => {
      const arrived = await withFault(fault, 2300)
      assert.equal(arrived.end, 'late')
      if (fault === faults.drips) assert.equal(arrived.body.length, 2)
    })
  }

  for (const fault of [
    faults.shortened,
    faults.empty,
    faults.flipped('first'),
    faults.flipped('middle'),
    faults.flipped('last'),
    faults.otherBytes(Buffer.from('others')),
    faults.loginPage,
    faults.text('broken', '{'),
    faults.zipped,
    faults.falselyZipped,
    faults.brokenZip,
    faults.shortZip,
    faults.zipBomb,
  ]) {
    it(`answers whole and wrong: ${fault.title}`, async () => {
      const arrived = await withFault(fault)
      assert.deepEqual([arrived.status, arrived.end], [200, 'complete'])
      if (fault !== faults.falselyZipped) assert.ok(!arrived.body.equals(body))
      assert.equal(
        'content-encoding' in arrived.headers,
        [faults.zipped, faults.falselyZipped, faults.brokenZip, faults.shortZip, faults.zipBomb].includes(
          fault,
        ),
      )
    })
  }

  it('announces less than comes', async () => {
    const arrived = await withFault(faults.tooLittleAnnounced)
    assert.equal(arrived.headers['content-length'], String(body.length - 10))
    assert.ok(arrived.body.length >= body.length - 10)
  })

  it('sends without end', async () => {
    const arrived = await withFault(faults.endless, 500)
    assert.equal(arrived.end, 'late')
    assert.ok(arrived.body.length > body.length)
  })

  it('redirects elsewhere, in a circle, and in chains', async () => {
    assert.equal(
      (await withFault(faults.redirect('http://127.0.0.1/x'))).headers['location'],
      'http://127.0.0.1/x',
    )
    assert.equal((await withFault(faults.redirectLoop)).headers['location'], '/file')
    const chain = upstream.fail('/file', faults.redirectChain(3))
    const reply = await fetch(`${upstream.url}/file`)
    chain.off()
    assert.equal(chain.count, 4)
    assert.equal(sha1(await reply.bytes()), sha1(body))
  })

  it('says a wrong digest', async () => {
    const arrived = await withFault(faults.wrongDigestHeader('x-checksum-sha1', 40))
    assert.equal(arrived.headers['x-checksum-sha1'], 'a'.repeat(40))
  })

  it('refuses connections, and takes them again', async () => {
    await upstream.stopListening()
    assert.equal((await readExactly(`${upstream.url}/file`)).status, 0)
    await upstream.listenAgain()
    assert.equal((await readExactly(`${upstream.url}/file`)).status, 200)
  })

  it('resets, babbles, and stays deaf', async () => {
    for (const fault of [faults.reset, faults.babble, faults.deaf] satisfies ConnectionFault[]) {
      const active = upstream.failConnections(fault)
      const arrived = await readExactly(`${upstream.url}/file`, { limitMs: 500 })
      assert.equal(arrived.status, 0)
      assert.equal(arrived.end, fault === faults.deaf ? 'late' : 'broken')
      assert.equal(active.count, 1)
      active.off()
    }
    assert.equal((await readExactly(`${upstream.url}/file`)).status, 200)
  })

  it('speaks TLS', async () => {
    const secure = await startFaultyUpstream({ certificate: makeCertificate() })
    await assert.rejects(fetch(secure.url))
    await secure.close()
  })
})

const sha1 = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest('hex')
