import assert from 'node:assert/strict'
import { PassThrough, Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { finished, pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { describe, it } from 'node:test'
import { decodedBody } from './decoded-body.ts'
import type { Egress, EgressStreamRequest } from './egress.ts'
import { ask, failure, limits, local, serve, serveBytes } from './servers.testing.ts'

const open = (egress: Egress, url: string, more: Partial<EgressStreamRequest> = {}) =>
  egress.open({ url, ...limits, ...more })

/** Opens and reads everything. */
const read = async (url: string, more: Partial<EgressStreamRequest> = {}, egress = local()) =>
  text((await open(egress, url, more)).body)

describe('a streamed body', () => {
  it('is handed out when the head is there, and may then take its time', async () => {
    const { origin } = await serve((_req, res) => {
      res.writeHead(200, { 'x-one': '1' }).write('first ')
      setTimeout(() => res.end('second'), 300)
    })
    const answer = await open(local(), origin, { timeoutMs: 150 })
    assert.deepEqual([answer.status, answer.headers['x-one']], [200, '1'])
    assert.equal(answer.host, new URL(origin).host)
    assert.equal(await text(answer.body), 'first second')
  })

  it('is sent only as fast as it is read, and destroying it closes the connection', async () => {
    const whole = 64 * 1024 * 1024
    let sent = 0
    const { origin, sockets } = await serve((_req, res) => {
      const send = () => {
        while (sent < whole) {
          sent += 65536
          if (!res.write(Buffer.alloc(65536))) return
        }
      }
      res.on('drain', send)
      send()
    })
    const { body } = await open(local(), origin, { maxBytes: whole, stallMs: 100 })
    const chunks: AsyncIterator<Buffer> = body[Symbol.asyncIterator]()
    let size = (await chunks.next()).value.length
    let before = -1
    while (sent !== before) {
      before = sent
      await sleep(150)
    }
    assert.ok(sent < whole / 2, `${sent} bytes were sent to a reader that waits`)
    while (size <= before) size += (await chunks.next()).value.length
    await chunks.return?.()
    assert.ok(size > before, 'a reader that waited longer than the server may is served')
    while (!sockets[0]!.destroyed) await sleep(10)
  })

  it('that is cut is no body', async () => {
    const head = 'HTTP/1.1 200 OK\r\n'
    for (const [bytes, end] of [
      [`${head}content-length: 10\r\n\r\nfive5`, 'end'],
      [`${head}content-length: 10\r\n\r\nfive5`, 'resetAndDestroy'],
      [`${head}transfer-encoding: chunked\r\n\r\n5\r\nfive5\r\n`, 'end'],
      [`${head}transfer-encoding: chunked\r\n\r\n5\r\nfi`, 'end'],
      [`${head}transfer-encoding: chunked\r\n\r\n5\r\nfive5\r\n0\r\n`, 'end'],
      [`${head}transfer-encoding: chunked\r\n\r\nno chunk`, 'end'],
      [`${head}\r\nfive5`, 'resetAndDestroy'],
    ] as const) {
      const { origin } = await serveBytes((socket) =>
        socket.write(bytes, () => setTimeout(() => socket[end](), 20)),
      )
      await assert.rejects(read(origin, { retries: 0 }), failure('network'), `${bytes} and ${end}`)
    }
  })

  it('without a length ends with its connection', async () => {
    for (const version of ['1.0', '1.1']) {
      const { origin } = await serveBytes((socket) => socket.end(`HTTP/${version} 200 OK\r\n\r\nwhole`))
      assert.equal(await read(origin), 'whole')
    }
  })

  it('that stalls or crawls fails, unless it is the reader who is slow', async () => {
    const stalling = await serve((_req, res) => void res.writeHead(200).write('x'))
    await assert.rejects(read(stalling.origin, { stallMs: 50 }), {
      failure: 'timeout',
      message: /said nothing for 50 ms$/,
    })
    const crawling = await serve((_req, res) => {
      const timer = setInterval(() => res.write('x'), 20)
      res.on('close', () => clearInterval(timer))
    })
    const crawl = { fromMs: 200, bytesPerSecond: 100 }
    await assert.rejects(read(crawling.origin, {}, local({ crawl })), {
      failure: 'timeout',
      message: /sends too slowly$/,
    })
    const size = 4_000_000
    const quick = await serve((_req, res) => res.end(Buffer.alloc(size)))
    const { body } = await open(local({ crawl: { fromMs: 200, bytesPerSecond: size * 4 } }), quick.origin, {
      maxBytes: size,
      stallMs: 50,
    })
    await sleep(300)
    let left = size
    for await (const chunk of body) {
      left -= chunk.length
      await sleep(5)
    }
    assert.equal(left, 0)
  })

  it('that is too long fails, announced or not; what HEAD announces does not count', async () => {
    const announced = await serve((_req, res) => res.end(Buffer.alloc(2000)))
    const streamed = await serve((_req, res) => {
      res.write(Buffer.alloc(900))
      res.end(Buffer.alloc(900))
    })
    for (const { origin } of [announced, streamed]) await assert.rejects(read(origin), failure('too_large'))
    assert.equal(await read(announced.origin, { method: 'HEAD' }), '')
  })

  it('that is empty need not be read', async () => {
    const { origin, sockets } = await serve((req, res) => {
      if (req.url === '/304') return res.writeHead(304, { 'content-length': '5000' }).end()
      if (req.url === '/204') return res.writeHead(204).end()
      return res.writeHead(404, { 'content-length': '0' }).end()
    })
    const egress = local()
    for (const path of ['304', '204', '0']) {
      const { body } = await open(egress, `${origin}/${path}`)
      await finished(body)
      assert.equal((await buffer(body)).length, 0)
      await pipeline(body, new PassThrough().resume())
    }
    assert.equal(sockets.length, 1)
  })

  it('that fails unread or read ends no process, and tells the circuit', async () => {
    const { origin } = await serveBytes((socket) =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfive5', () =>
        setTimeout(() => socket.destroy(), 5),
      ),
    )
    const egress = local()
    for (let i = 0; i < 5; i++) await finished((await open(egress, origin)).body).catch(() => {})
    await assert.rejects(open(egress, origin), failure('unavailable'))
  })
})

describe('an opened request', () => {
  it('is tried again and redirected until there is a head', async () => {
    let asked = 0
    const { origin, sockets } = await serve((req, res) => {
      asked++
      if (asked === 1) return res.writeHead(503).end('not yet')
      if (asked === 2) return res.writeHead(429, { 'retry-after': '0' }).end('slower')
      if (req.url !== '/3') return res.writeHead(302, { location: `/${asked}` }).end('elsewhere')
      return res.end('there')
    })
    assert.equal(await read(origin), 'there')
    assert.equal(asked, 4)
    assert.ok(sockets.length <= 2, 'what was not taken was read, and its connection used again')
  })

  it('drops the bodies of redirects that are long or never end', async () => {
    const { origin, sockets } = await serve((req, res) => {
      if (req.url === '/there') return res.end('there')
      res.writeHead(302, { location: '/there' })
      return req.url === '/long' ? res.end(Buffer.alloc(500_000)) : res.write('and')
    })
    const egress = local()
    assert.equal(await read(`${origin}/long`, { maxBytes: 1_000_000 }, egress), 'there')
    assert.equal(await read(`${origin}/endless`, { stallMs: 50 }, egress), 'there')
    while (sockets.filter((socket) => !socket.destroyed).length > 1) await sleep(10)
  })

  it('ends when its signal says so: before the head, in the body, in a pause', async () => {
    const reason = new Error('nobody waits any more')
    const soon = () => {
      const controller = new AbortController()
      setTimeout(() => controller.abort(reason), 50)
      return { signal: controller.signal, retries: 1 }
    }
    const { origin, sockets } = await serve((req, res) => {
      if (req.url === '/body') res.write('x')
      if (req.url === '/pause') res.writeHead(429, { 'retry-after': '1' }).end()
    })
    const egress = local()
    for (const path of ['head', 'body', 'pause']) {
      const began = performance.now()
      await assert.rejects(read(`${origin}/${path}`, soon(), egress), reason, path)
      const whole = ask(egress, `${origin}/${path}`, { ...soon(), lane: 'whole' })
      await assert.rejects(whole, reason, path)
      assert.ok(performance.now() - began < 800, `${path}: at once`)
    }
    await assert.rejects(open(egress, origin, { signal: AbortSignal.abort(reason), lane: 'late' }), reason)
    while (sockets.filter((socket) => !socket.destroyed).length > 2) await sleep(10)
    for (let i = 0; i < 6; i++)
      await assert.rejects(open(egress, origin, { ...soon(), lane: 'many' }), reason)
  })

  it('that a protocol is changed on is no answer', async () => {
    const { origin } = await serveBytes((socket) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n'),
    )
    await assert.rejects(open(local(), origin), failure('answer'))
  })
})

describe('an encoded body', () => {
  const plain = Buffer.from('plain '.repeat(100))
  const packed = gzipSync(plain)
  const serveEncoded = (bytes: Uint8Array, encoding?: string) =>
    serve((req, res) => {
      res.setHeader('x-accepted', req.headers['accept-encoding'] ?? '')
      if (encoding !== undefined) res.setHeader('content-encoding', encoding)
      res.end(bytes)
    })

  it('is handed out as it came, and decoded on demand', async () => {
    const { origin } = await serveEncoded(packed, 'gzip')
    const asIs = await open(local(), origin)
    assert.deepEqual([asIs.headers['x-accepted'], asIs.headers['content-encoding']], ['identity', 'gzip'])
    assert.deepEqual(await buffer(asIs.body), packed)
    const answer = await open(local(), origin, { acceptEncoding: 'gzip' })
    assert.equal(answer.headers['x-accepted'], 'gzip')
    assert.deepEqual(await decodedBody(answer, plain.length), plain)
    const unpacked = await serveEncoded(plain)
    assert.deepEqual(await decodedBody(await open(local(), unpacked.origin), plain.length), plain)
  })

  it('is bounded packed and unpacked', async () => {
    const bomb = await serveEncoded(gzipSync(Buffer.alloc(50_000_000)), 'gzip')
    const answer = await open(local(), bomb.origin, { maxBytes: 100_000 })
    await assert.rejects(decodedBody(answer, 100_000), failure('too_large'))
    assert.ok(answer.body.destroyed)
    const members = await serveEncoded(Buffer.concat(Array(100).fill(gzipSync(''))), 'gzip')
    await assert.rejects(decodedBody(await open(local(), members.origin), 1000), failure('too_large'))
    const unpacked = await serveEncoded(plain)
    await assert.rejects(decodedBody(await open(local(), unpacked.origin), 100), failure('too_large'))
  })

  it('that is damaged, cut or in another encoding is no answer', async () => {
    const damaged = Buffer.from(packed)
    damaged[damaged.length - 6]! ^= 1
    for (const [bytes, encoding] of [
      [damaged, 'gzip'],
      [packed.subarray(0, -5), 'gzip'],
      [plain, 'gzip'],
      [plain, 'br'],
      [gzipSync(packed), 'gzip, gzip'],
    ] as const) {
      const { origin } = await serveEncoded(bytes, encoding)
      const answer = await open(local(), origin)
      await assert.rejects(decodedBody(answer, 1000), failure('answer'), encoding)
      assert.ok(answer.body.destroyed)
    }
    const cut = {
      host: 'there',
      status: 200,
      headers: { 'content-encoding': 'gzip' },
      body: Readable.from([packed]),
    }
    cut.body.destroy(new Error('cut'))
    await assert.rejects(decodedBody(cut, 1000), /cut/)
  })
})
