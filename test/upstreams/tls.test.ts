/** An upstream over https is believed only with a certificate that we know, and nothing is asked before. */
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { createTestApp, type TestApp } from '../app.ts'
import { makeCertificate } from '../certificate.ts'
import { babble, redirect } from './faults.ts'
import { startFaultyUpstream, type FaultyUpstream } from './faulty-upstream.ts'
import { filledGroup, later, onlyLoopback, until } from './filled-registry.ts'
import { npmUpstream } from './npm-packages.ts'

let app: TestApp
let dir: string
let known: FaultyUpstream
let unknown: FaultyUpstream
let plain: FaultyUpstream
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'entrepot-tls-'))
  const certificate = makeCertificate()
  await writeFile(join(dir, 'ca.pem'), certificate.cert)
  app = await createTestApp({ env: { ...onlyLoopback, ENTREPOT_EGRESS__CA: join(dir, 'ca.pem') } })
  known = await startFaultyUpstream({ certificate })
  unknown = await startFaultyUpstream({ certificate: makeCertificate() })
  plain = await startFaultyUpstream()
})
after(async () => {
  await app?.close()
  await known?.close()
  await unknown?.close()
  await plain?.close()
  await rm(dir, { recursive: true, force: true })
})

describe('an upstream over https', () => {
  it('fills where its certificate is known, and goes on after its TLS failed', async () => {
    const { path, tarball } = npmUpstream(known).publish({ name: 'far', version: '1.0.0', ballast: 100_000 })
    const { registry } = await filledGroup(app, 'known', { url: known.url, token: 'far-token', ttl: 60 })
    const fault = known.failConnections(babble)
    const failed = await app.root.get(registry + path)
    fault.off()
    assert.ok([502, 503].includes(failed.status), String(failed.status))
    assert.ok(fault.count > 0)
    const reply = await until(
      async () => {
        const answer = await app.root.get(registry + path)
        return answer.status === 200 ? answer : undefined
      },
      'recovery',
      60_000,
    )
    assert.deepEqual(Buffer.from(await reply.bytes()), tarball)
    await (await app.root.get(`${registry}/far`)).bytes()
    await later(app, 61_000)
    const again = known.failConnections(babble)
    try {
      for (const what of ['/far', path]) assert.equal((await app.root.get(registry + what)).status, 200)
      await until(() => again.count > 0 || undefined, 'revalidation')
    } finally {
      again.off()
    }
  })

  it('is told nothing where its certificate is not known', async () => {
    const { path } = npmUpstream(unknown).publish({ name: 'far', version: '1.0.0' })
    const { registry } = await filledGroup(app, 'unknown', { url: unknown.url, token: 'far-token' })
    for (const what of ['/far', path]) {
      assert.ok([502, 503].includes((await app.root.get(registry + what)).status))
    }
    assert.ok(unknown.connections > 0)
    assert.equal(unknown.requests.length, 0)
  })

  it('cannot lead to plain http', async () => {
    const { path, tarball } = npmUpstream(known).publish({ name: 'down', version: '1.0.0' })
    plain.contents.set('/down.tgz', { body: tarball, type: 'application/octet-stream' })
    const fault = known.fail(path, redirect(`${plain.url}/down.tgz`))
    const { registry } = await filledGroup(app, 'downgraded', { url: known.url })
    assert.equal((await app.root.get(registry + path)).status, 502)
    assert.ok(fault.count > 0)
    assert.equal(plain.connections, 0)
  })
})
