import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { SecureVersion, TLSSocket } from 'node:tls'
import { makeCertificate } from '../../../test/certificate.ts'
import { configuredEgress } from './configured-egress.ts'
import { createEgress } from './egress.ts'

const limits = { maxBytes: 100, timeoutMs: 2000, retries: 0 }
const settings = { allow: ['127.0.0.0/8'], allowHttp: false, proxy: undefined }

/** A server with a certificate for 127.0.0.1; `resumed` says of each connection whether it went on with an older session. */
async function serveTls(
  t: TestContext,
  maxVersion: SecureVersion = 'TLSv1.3',
  answer: RequestListener = (_req, res) => res.end('safe'),
) {
  const certificate = makeCertificate()
  const resumed: boolean[] = []
  const server = createServer({ ...certificate, maxVersion }, answer)
  server.on('secureConnection', (socket: TLSSocket) => resumed.push(socket.isSessionReused()))
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { port, url: `https://127.0.0.1:${port}/`, cert: certificate.cert, server, resumed }
}

test('certificates are checked: by whom, and for which host', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'entrepot-egress-'))
  t.after(() => rmSync(dir, { recursive: true }))
  const { url, port, cert } = await serveTls(t)
  const ca = join(dir, 'cert.pem')
  writeFileSync(ca, cert)
  const trusting = configuredEgress({ ...settings, ca })
  t.after(() => trusting.close())
  assert.equal((await trusting.fetch({ url, ...limits })).body.toString(), 'safe')
  const others = { url: `https://localhost:${port}/`, ...limits }
  await assert.rejects(trusting.fetch(others), { failure: 'network', message: /ALTNAME/ })
  const wary = configuredEgress({ ...settings, ca: undefined })
  await assert.rejects(wary.fetch({ url, ...limits }), { failure: 'network', message: /SELF_SIGNED/ })
})

test('a file of authorities that is not there stops the start', () => {
  assert.throws(() => configuredEgress({ ...settings, ca: '/nowhere.pem' }), /egress\.ca: cannot read/)
})

test('encrypted connections are used again, and sessions go on where they are not', async (t) => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const { url, cert, server, resumed } = await serveTls(t, version)
    const egress = createEgress({ ...settings, ca: [cert] })
    t.after(() => egress.close())
    const ask = async () => assert.equal((await egress.fetch({ url, ...limits })).body.toString(), 'safe')
    await ask()
    await ask()
    assert.deepEqual(resumed, [false], version)
    server.closeAllConnections()
    await ask()
    assert.deepEqual(resumed, [false, true], version)
  }
})

test('an encrypted connection that the server closes meanwhile is replaced', async (t) => {
  const known = new Set<unknown>()
  const { url, cert, resumed } = await serveTls(t, 'TLSv1.3', ({ socket }, res) => {
    if (known.has(socket)) socket.destroy()
    known.add(socket)
    res.end('safe')
  })
  const egress = createEgress({ ...settings, ca: [cert] })
  t.after(() => egress.close())
  for (let i = 1; i <= 8; i++) {
    assert.equal((await egress.fetch({ url, ...limits })).body.toString(), 'safe')
    assert.equal(resumed.length, i)
  }
})
