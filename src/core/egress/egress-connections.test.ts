import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { describe, it } from 'node:test'
import type { Egress } from './egress.ts'
import { ask, failure, limits, local, serve, serveBytes } from './servers.testing.ts'

const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
const alive = (sockets: readonly Socket[]) => sockets.filter((socket) => !socket.destroyed).length
const loopbackName = async () => [{ address: '127.0.0.1', family: 4 }]

/** Asks many times at once. */
const askAtOnce = (egress: Egress, url: string, times: number) =>
  Promise.all(Array.from({ length: times }, () => ask(egress, url)))

describe('a connection', () => {
  it('is used again, and its name looked up once', async () => {
    let lookups = 0
    const { origin, sockets } = await serve((req, res) => {
      if (req.url === '/') return res.writeHead(404).end('nothing here')
      return req.url === '/304'
        ? res.writeHead(304).end()
        : res.writeHead(200, { 'content-length': 2 }).end('ok')
    })
    const resolve = () => (lookups++, loopbackName())
    const url = `http://name.invalid:${new URL(origin).port}`
    const egress = local({ resolve })
    await ask(egress, url)
    await ask(egress, `${url}/304`)
    await ask(egress, `${url}/a`, { method: 'HEAD' })
    await ask(egress, `${url}/a`, { method: 'PUT', body: 'x' })
    const { body } = await egress.open({ url: `${url}/a`, ...limits })
    assert.equal(await text(body), 'ok')
    assert.deepEqual([lookups, sockets.length], [1, 1])
    await askAtOnce(egress, `${url}/a`, 3)
    assert.equal(sockets.length, 3)
    assert.equal(lookups, 2, 'connections opened at once share a lookup')
  })

  it('is not used again by another host, scheme or port of the same address', async () => {
    const { origin, sockets } = await serve((req, res) => res.end(req.headers.host))
    const egress = local({ resolve: loopbackName })
    const { port } = new URL(origin)
    for (const host of ['127.0.0.1', 'one.invalid', 'two.invalid'])
      assert.equal((await ask(egress, `http://${host}:${port}`)).body.toString(), `${host}:${port}`)
    assert.equal(sockets.length, 3)
  })

  it('is not used again by a request that may not reach its address', async () => {
    const { origin, sockets } = await serve((_req, res) => res.end('secret'))
    const egress = local()
    await ask(egress, origin)
    await assert.rejects(ask(egress, origin, { reach: 'public' }), failure('refused'))
    await ask(egress, origin, { reach: 'anywhere' })
    assert.equal(sockets.length, 1)
    const wary = local({ allow: [] })
    await ask(wary, origin, { reach: 'anywhere' })
    for (const reach of ['configured', 'public'] as const)
      await assert.rejects(ask(wary, origin, { reach }), failure('refused'))
    assert.equal(sockets.length, 2)
  })

  it('whose answer was not read to its end is closed', async () => {
    const { origin, sockets } = await serve((_req, res) => res.end(Buffer.alloc(500)))
    const egress = local()
    for (let i = 1; i <= 2; i++) {
      const { body } = await egress.open({ url: origin, ...limits })
      body.destroy()
      while (alive(sockets) > 0) await sleep(5)
      assert.equal(sockets.length, i)
    }
    const deaf = await serveBytes((socket) => socket.write('HTTP/1.1 413 No\r\ncontent-length: 0\r\n\r\n'))
    deaf.server.on('connection', (socket) => socket.once('data', () => socket.pause()))
    const body = Buffer.alloc(20_000_000)
    assert.equal((await ask(egress, deaf.origin, { method: 'PUT', body })).status, 413)
    while (alive(deaf.sockets) > 0) {
      deaf.sockets[0]!.resume()
      await sleep(5)
    }
  })

  it('that the server closes meanwhile is replaced, which is no failure', async () => {
    for (const end of ['destroy', 'end', 'resetAndDestroy'] as const) {
      const { origin, sockets } = await serveBytes((socket, asked) =>
        asked === 1 ? socket.write(ok) : socket[end](),
      )
      const egress = local()
      for (let i = 1; i <= 8; i++) {
        assert.equal((await ask(egress, origin, { retries: 0 })).status, 200)
        assert.equal(sockets.length, i)
      }
    }
    const { origin } = await serveBytes((socket, asked) => {
      if (asked === 1) socket.write(ok)
      else socket.end('HTTP/1.1 200')
    })
    const egress = local()
    await ask(egress, origin)
    await assert.rejects(ask(egress, origin, { retries: 0 }), failure('network'), 'it had begun to answer')
    const refusing = await serveBytes((socket) => socket.destroy())
    await assert.rejects(ask(egress, refusing.origin, { retries: 0 }), failure('network'))
  })

  it('on which the server says something unasked is closed', async () => {
    const { origin, sockets } = await serveBytes((socket) => socket.write(ok))
    const egress = local()
    await ask(egress, origin)
    sockets[0]!.write('HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nbad')
    while (alive(sockets) > 0) await sleep(5)
    assert.equal((await ask(egress, origin)).body.toString(), 'ok')
  })

  it('is a new one for what must not be sent twice, and closed after it', async () => {
    const { origin, sockets } = await serve((req, res) => res.end(req.headers.connection))
    const egress = local()
    await ask(egress, origin)
    for (let i = 2; i <= 3; i++) {
      const { body } = await ask(egress, origin, { method: 'POST', body: 'x' })
      assert.equal(body.toString(), 'close')
      assert.equal(sockets.length, i)
    }
    assert.equal((await ask(egress, origin)).body.toString(), 'keep-alive')
    assert.equal(sockets.length, 3)
    while (alive(sockets) > 1) await sleep(5)
  })

  it('is kept for a while only, or as long as the server says', async () => {
    const { origin, sockets } = await serve((_req, res) => res.end())
    await ask(local({ connections: { idleMs: 50 } }), origin)
    while (alive(sockets) > 0) await sleep(5)
    let now = 0
    const egress = local({ now: () => now })
    await ask(egress, origin)
    now = 59_000
    await ask(egress, origin)
    assert.equal(sockets.length, 2)
    now = 61_000
    await ask(egress, origin)
    assert.equal(sockets.length, 3)
    const hasty = await serveBytes((socket) =>
      socket.write(ok.replace('\r\n', '\r\nkeep-alive: timeout=1\r\n')),
    )
    await ask(egress, hasty.origin)
    while (alive(hasty.sockets) > 0) await sleep(5)
  })

  it('to the next address is tried where the first does not answer', async () => {
    const { origin } = await serve((_req, res) => res.end('here'))
    const resolve = async () => ['127.0.0.77', '127.0.0.1'].map((address) => ({ address, family: 4 }))
    const url = `http://name.invalid:${new URL(origin).port}`
    assert.equal((await ask(local({ resolve }), url, { retries: 0 })).body.toString(), 'here')
  })

  it('through a proxy is kept, too, and only for what may be reached so', async () => {
    const { origin, server } = await serve((_req, res) => res.end('far'))
    const { port } = new URL(origin)
    let tunnels = 0
    server.on('connect', (_req: IncomingMessage, client: Socket) => {
      tunnels++
      const upstream = connect(Number(port), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n')
        upstream.pipe(client).pipe(upstream)
      })
      for (const socket of [upstream, client]) socket.on('error', () => socket.destroy())
    })
    const egress = local({ proxy: origin, allowHttp: true, connectTimeoutMs: 100 })
    assert.equal((await ask(egress, 'http://8.8.8.8/')).status, 200)
    await sleep(200)
    assert.equal((await ask(egress, 'http://8.8.8.8/', { reach: 'public' })).status, 200)
    assert.equal(tunnels, 1)
    await ask(egress, 'http://9.9.9.9/')
    assert.equal(tunnels, 2)
  })
})

describe('connections', () => {
  it('are so many to an origin, and further requests wait', async () => {
    let most = 0
    const { origin, sockets } = await serve((_req, res) => {
      most = Math.max(most, alive(sockets))
      setTimeout(() => res.end(), 20)
    })
    const egress = local({ connections: { perOrigin: 2 } })
    await askAtOnce(egress, origin, 6)
    assert.deepEqual([most, sockets.length], [2, 2])
    await ask(egress, origin, { method: 'POST' })
    assert.equal(most, 2, 'an idle one makes room for a new one')
    const silent = await serve((_req, res) => void res.writeHead(200).write('x'))
    const held = await Promise.all([1, 2].map(() => egress.open({ url: silent.origin, ...limits })))
    const waiting = ask(egress, silent.origin, { timeoutMs: 50 })
    await assert.rejects(waiting, { failure: 'unavailable', message: /all connections to .* are in use$/ })
    const ended = ask(egress, silent.origin, { signal: AbortSignal.abort(new Error('ended before')) })
    await assert.rejects(ended, /ended before/)
    const next = egress.open({ url: silent.origin, ...limits })
    held[0]!.body.destroy()
    const { body } = await next
    body.destroy()
    held[1]!.body.destroy()
  })

  it('are so many in all, and idle ones make room', async () => {
    const one = await serve((_req, res) => res.end())
    const other = await serve((_req, res) => setTimeout(() => res.end(), 20))
    const egress = local({ connections: { inAll: 3 } })
    await askAtOnce(egress, one.origin, 3)
    await askAtOnce(egress, other.origin, 5)
    assert.equal(other.sockets.length, 3)
    while (alive(one.sockets) > 0) await sleep(5)
    assert.equal(alive(other.sockets), 3)
  })

  it('that fail to open take no room', async () => {
    const { origin, server } = await serve(() => {})
    server.close()
    await once(server, 'close')
    const egress = local({ connections: { perOrigin: 1 } })
    for (let i = 0; i < 4; i++) {
      const lane = `lane ${i}`
      await assert.rejects(ask(egress, origin, { retries: 0, lane }), {
        failure: 'network',
        message: /ECONNREFUSED/,
      })
    }
  })

  it('are ended by close, with what is under way and what waits', async () => {
    const { origin, sockets } = await serve((_req, res) => void res.writeHead(200).write('x'))
    const idle = await serve((_req, res) => res.end())
    const egress = local({ connections: { perOrigin: 1 } })
    await ask(egress, idle.origin)
    const { body } = await egress.open({ url: origin, ...limits })
    const waiting = assert.rejects(ask(egress, origin), failure('unavailable'))
    egress.close()
    await assert.rejects(text(body), failure('network'))
    await waiting
    await assert.rejects(ask(egress, idle.origin), failure('unavailable'))
    while (alive([...sockets, ...idle.sockets]) > 0) await sleep(5)
    assert.equal(sockets.length, 1)
  })

  it('do not keep the process alive', async () => {
    const { origin } = await serve((_req, res) => res.end('ok'))
    const script = `import { createEgress } from ${JSON.stringify(import.meta.resolve('./egress.ts'))}
      const { body } = await createEgress({ allow: ['127.0.0.0/8'] }).fetch({ url: '${origin}', maxBytes: 9, timeoutMs: 9000 })
      console.log(body.toString())`
    const args = ['--input-type=module', '--eval', script]
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 8000 })
    assert.equal(stdout, 'ok\n')
  })
})
