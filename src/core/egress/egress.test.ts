import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import { createEgress } from './egress.ts'
import { ask, failure, local, serve } from './servers.testing.ts'

describe('an answer', () => {
  it('comes with status, headers and body, and what was sent arrives', async () => {
    const seen: unknown[] = []
    const { origin } = await serve(async (req, res) => {
      seen.push(
        req.method,
        req.url,
        req.headers['content-type'],
        req.headers['user-agent'],
        await textOf(req),
      )
      res.writeHead(201, { 'x-one': '1' }).end('made')
    })
    const headers = { 'content-type': 'text/plain' }
    const reply = await ask(local(), `${origin}/a?b=c`, { method: 'POST', headers, body: 'hällo' })
    assert.deepEqual([reply.status, reply.headers['x-one'], reply.body.toString()], [201, '1', 'made'])
    assert.deepEqual([...seen.slice(0, 3), seen[4]], ['POST', '/a?b=c', 'text/plain', 'hällo'])
    assert.match(String(seen[3]), /^Entrepot\//)
  })

  it('of any status is an answer', async () => {
    const { origin } = await serve((_req, res) => res.writeHead(404).end('no'))
    assert.equal((await ask(local(), origin)).status, 404)
    assert.equal((await ask(local(), origin, { method: 'HEAD' })).body.length, 0)
  })

  it('that is too long is refused, announced or not', async () => {
    const announced = await serve((_req, res) => res.end(Buffer.alloc(2000)))
    const streamed = await serve((_req, res) => {
      res.write(Buffer.alloc(900))
      res.end(Buffer.alloc(900))
    })
    for (const { origin } of [announced, streamed])
      await assert.rejects(ask(local(), origin), failure('too_large'))
  })

  it('that breaks off or never comes is none', async () => {
    const broken = await serve((_req, res) => {
      res.writeHead(200, { 'content-length': '10' })
      res.write('five5', () => res.destroy())
    })
    await assert.rejects(ask(local(), broken.origin, { retries: 0 }), failure('network'))
    const silent = await serve(() => {})
    await assert.rejects(ask(local(), silent.origin, { timeoutMs: 100 }), failure('timeout'))
    const slow = await serve((_req, res) => void res.writeHead(200).write('x'))
    await assert.rejects(ask(local(), slow.origin, { timeoutMs: 100 }), failure('timeout'))
  })
})

describe('addresses', () => {
  it('that are not public are refused unless listed, however they are written', async () => {
    let asked = 0
    const { origin } = await serve((_req, res) => void (asked++, res.end('secret')))
    const { port } = new URL(origin)
    const spellings = [
      '127.0.0.1',
      '2130706433',
      '0x7f.1',
      '0177.0.0.1',
      'localhost',
      '[::ffff:127.0.0.1]',
      '[::1]',
    ]
    for (const host of [
      ...spellings,
      '[64:ff9b::7f00:1]',
      '[2002:7f00:1::]',
      '0.0.0.0',
      '10.0.0.1',
      '169.254.169.254',
    ])
      await assert.rejects(
        ask(createEgress({ allowHttp: true }), `http://${host}:${port}/`),
        failure('refused'),
        host,
      )
    assert.equal(asked, 0)
    assert.equal((await ask(local(), `http://localhost:${port}/`)).status, 200)
    await assert.rejects(ask(local(), origin, { reach: 'public' }), failure('refused'))
    assert.equal((await ask(createEgress(), origin, { reach: 'anywhere' })).status, 200)
  })

  it('are looked up once: the one that was checked is connected to', async () => {
    const { origin } = await serve((req, res) => res.end(req.headers.host))
    const { port } = new URL(origin)
    const answers = [
      [{ address: '10.0.0.1', family: 4 }],
      [
        { address: '10.0.0.1', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ],
      [{ address: '10.0.0.1', family: 4 }],
    ]
    const egress = local({ resolve: async () => answers.shift()! })
    const url = `http://rebound.invalid:${port}/`
    await assert.rejects(ask(egress, url), failure('refused'))
    assert.equal((await ask(egress, url)).body.toString(), `rebound.invalid:${port}`)
    assert.equal(answers.length, 1)
  })

  it('other than https ones, with passwords, or that are none, are refused', async () => {
    for (const url of [
      'ftp://127.0.0.1/',
      'file:///etc/passwd',
      'data:,x',
      'nowhere',
      'http://user:pw@127.0.0.1/',
    ])
      await assert.rejects(ask(local(), url), failure('refused'), url)
    await assert.rejects(ask(createEgress(), 'http://8.8.8.8/'), /only asked over https/)
  })
})

describe('redirects', () => {
  it('are followed five times, or not at all', async () => {
    const { origin } = await serve((req, res) => {
      const left = Number(req.url!.slice(1))
      if (left === 0) return res.end('arrived')
      return res.writeHead(302, { location: `/${left - 1}` }).end()
    })
    assert.equal((await ask(local(), `${origin}/5`)).body.toString(), 'arrived')
    await assert.rejects(ask(local(), `${origin}/6`), failure('answer'))
    assert.equal((await ask(local(), `${origin}/1`, { redirects: 0 })).status, 302)
  })

  it('are each checked', async () => {
    const { origin } = await serve((_req, res) => res.writeHead(302, { location: 'http://10.0.0.1/' }).end())
    await assert.rejects(ask(local(), origin), failure('refused'))
  })

  it('to another origin lose the credential for good, and every header that may be a secret', async () => {
    const seen: Record<string, unknown>[] = []
    const note = ({ headers }: IncomingMessage) =>
      seen.push({ key: headers['x-key'], token: headers['x-token'], accept: headers.accept })
    const first = await serve((req, res) => {
      note(req)
      if (req.url === '/back') return res.end()
      return res.writeHead(307, { location: `${other.origin}/` }).end()
    })
    const other = await serve((req, res) => {
      note(req)
      res.writeHead(307, { location: `${first.origin}/back` }).end()
    })
    const credential = { origin: first.origin, name: 'x-key', value: 'k' }
    await ask(local(), first.origin, { credential, headers: { 'x-token': 't', accept: 'a/b' } })
    const without = { key: undefined, token: undefined, accept: 'a/b' }
    assert.deepEqual(seen, [{ key: 'k', token: 't', accept: 'a/b' }, without, without])
    seen.length = 0
    await ask(local(), `${other.origin}/`, { credential, redirects: 0 })
    assert.equal(seen[0]!['key'], undefined, 'a credential is for its origin')
  })

  it('turn POST into GET as browsers do, but for 307', async () => {
    const seen: unknown[] = []
    const { origin } = await serve(async (req, res) => {
      const status = Number(req.url!.slice(1))
      if (status) return res.writeHead(status, { location: '/' }).end()
      seen.push([req.method, await textOf(req)])
      return res.end()
    })
    for (const status of [302, 303, 307])
      await ask(local(), `${origin}/${status}`, { method: 'POST', body: 'b' })
    assert.deepEqual(seen, [
      ['GET', ''],
      ['GET', ''],
      ['POST', 'b'],
    ])
  })
})

describe('failures that may pass', () => {
  it('are tried again, for what may be repeated', async () => {
    let asked = 0
    const { origin } = await serve((req, res) => {
      if (++asked % 3 !== 0) return asked % 3 === 1 ? res.writeHead(503).end() : req.socket.destroy()
      return res.end('at last')
    })
    assert.equal((await ask(local(), origin)).body.toString(), 'at last')
    assert.equal(asked, 3)
    assert.equal((await ask(local(), origin, { method: 'POST' })).status, 503)
    assert.equal(asked, 4)
  })

  it('of a server that asks for a pause are waited for, and others wait too', async () => {
    const times: number[] = []
    const { origin } = await serve((_req, res) => {
      times.push(performance.now())
      if (times.length === 1) return res.writeHead(429, { 'retry-after': '1' }).end()
      return res.end('ok')
    })
    const egress = local()
    const first = ask(egress, origin, { timeoutMs: 5000 })
    while (times.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await new Promise((resolve) => setTimeout(resolve, 100))
    await assert.rejects(ask(egress, origin), failure('unavailable'))
    assert.equal((await first).status, 200)
    assert.ok(times[1]! - times[0]! >= 990, 'it waited as long as it was asked to')
    const { origin: long } = await serve((_req, res) => res.writeHead(429, { 'retry-after': '3600' }).end())
    assert.equal((await ask(local(), long)).status, 429, 'too long a pause is handed back')
  })

  it('again and again leave the server alone for a while; other lanes still ask', async () => {
    let asked = 0
    let isWell = false
    const { origin } = await serve((_req, res) => void (asked++, res.writeHead(isWell ? 200 : 502).end()))
    let now = 0
    const egress = local({ now: () => now })
    for (let i = 0; i < 5; i++) await ask(egress, origin, { retries: 0 })
    await assert.rejects(ask(egress, origin), failure('unavailable'))
    assert.equal(asked, 5)
    assert.equal((await ask(egress, origin, { retries: 0, lane: 'other' })).status, 502)
    now = 31_000
    isWell = true
    assert.equal((await ask(egress, origin)).status, 200)
    isWell = false
    for (let i = 0; i < 4; i++) assert.equal((await ask(egress, origin, { retries: 0 })).status, 502)
  })
})

describe('a proxy', () => {
  it('tunnels what is public, with its own credential, and nothing that is listed', async () => {
    const asked: unknown[] = []
    const { origin, server } = await serve((req, res) => res.end(`straight ${req.url}`))
    server.on('connect', (req: IncomingMessage, client) => {
      asked.push([req.url, req.headers['proxy-authorization'], req.headers['x-key']])
      const { port } = new URL(origin)
      const upstream = connect(Number(port), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n')
        upstream.pipe(client).pipe(upstream)
      })
      for (const socket of [upstream, client]) socket.on('error', () => {})
    })
    const proxy = origin.replace('http://', 'http://user:p%40ss@')
    const egress = local({ proxy, allowHttp: true })
    const credential = { origin: 'http://8.8.8.8', name: 'x-key', value: 'k' }
    const reply = await ask(egress, 'http://8.8.8.8/far', { credential })
    assert.equal(reply.body.toString(), 'straight /far')
    assert.deepEqual(asked, [['8.8.8.8:80', `Basic ${btoa('user:p@ss')}`, undefined]])
    assert.equal((await ask(egress, `${origin}/near`)).body.toString(), 'straight /near')
    assert.equal(asked.length, 1)
  })

  it('that refuses is no answer', async () => {
    const { origin, server } = await serve((_req, res) => res.end())
    server.on('connect', (_req, client) => client.end('HTTP/1.1 407 No\r\n\r\n'))
    const egress = local({ proxy: origin, allowHttp: true })
    await assert.rejects(
      ask(egress, 'http://8.8.8.8/', { retries: 0 }),
      /proxy refused the connection \(407\)/,
    )
  })
})

async function textOf(req: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of req) text += chunk
  return text
}
