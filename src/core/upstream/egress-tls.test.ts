import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeCertificate } from '../../../test/certificate.ts'
import { configuredEgress } from './configured-egress.ts'

const limits = { maxBytes: 100, timeoutMs: 2000, retries: 0 }
const settings = { allow: ['127.0.0.0/8'], allowHttp: false, proxy: undefined }

test('certificates are checked: by whom, and for which host', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'entrepot-egress-'))
  t.after(() => rmSync(dir, { recursive: true }))
  const tls = makeCertificate()
  const cert = join(dir, 'cert.pem')
  writeFileSync(cert, tls.cert)
  const server = createServer(tls, (_req, res) => res.end('safe'))
  t.after(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `https://127.0.0.1:${port}/`
  const trusting = configuredEgress({ ...settings, ca: cert })
  assert.equal((await trusting.fetch({ url, ...limits })).body.toString(), 'safe')
  const others = { url: `https://localhost:${port}/`, ...limits }
  await assert.rejects(trusting.fetch(others), { failure: 'network', message: /ALTNAME/ })
  const wary = configuredEgress({ ...settings, ca: undefined })
  await assert.rejects(wary.fetch({ url, ...limits }), { failure: 'network', message: /SELF_SIGNED/ })
})

test('a file of authorities that is not there stops the start', () => {
  assert.throws(() => configuredEgress({ ...settings, ca: '/nowhere.pem' }), /egress\.ca: cannot read/)
})
