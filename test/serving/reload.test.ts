/** SIGHUP: what a running server takes anew from its configuration, and what it does not. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { connect } from 'node:tls'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeCertificate } from '../certificate.ts'
import { startServed, type LogLine, type Served } from './served.ts'

const read = 'the configuration was read again'
const kept = 'the configuration was not taken, the one before goes on'
const waits = 'these settings change with the next start only'

/** Writes the configuration, sends SIGHUP and gives the lines that follow. */
async function reloaded(served: Served, yaml: string, message: string): Promise<LogLine[]> {
  const earlier = served.log.length
  writeFileSync(join(served.dir, 'entrepot.yml'), yaml)
  served.signal('SIGHUP')
  for (let waited = 0; waited < 200; waited++) {
    const lines = served.log.slice(earlier).filter(({ msg }) => msg !== 'request')
    if (lines.some(({ msg }) => msg === message)) return lines
    await sleep(50)
  }
  assert.fail(`"${message}" did not come:\n${served.said.join('\n')}`)
}

for (const workers of [1, 2]) {
  test(`limits and the level of the log change while ${workers} process(es) serve`, async () => {
    const served = await startServed(`workers: ${workers}`)
    try {
      const { root, files } = served
      assert.equal((await root.put(`${files}/tool/1/a`, 'four')).status, 201)
      const yaml = `{workers: ${workers}, log: {level: debug, requests: debug}, packages: {generic: {max_file_size: 3}}}`
      const [line] = await reloaded(served, yaml, read)
      assert.deepEqual(line!['changed'], ['log.level', 'log.requests', 'packages.generic.max_file_size'])
      await sleep(300)
      for (let count = 0; count < 6; count++) {
        const refused = await fetch(`${files}/tool/2/${count}`, {
          method: 'PUT',
          body: 'four',
          headers: { 'private-token': root.token, connection: 'close' },
        })
        assert.equal(refused.status, 413)
      }
      assert.equal(served.log.findLast(({ msg }) => msg === 'request')?.['level'], 20)
    } finally {
      await served.remove()
    }
  })
}

let served: Served
before(async () => {
  served = await startServed()
})
after(() => served.remove())

test('what is wrong is named by its key, and nothing changes', async () => {
  const [line] = await reloaded(served, '{log: {level: silent}, limits: {stall_timeout: never}}', kept)
  assert.equal(line!.msg, kept)
  assert.match(String(line!['problems']), /limits\.stall_timeout \(in .*entrepot\.yml\) must be/)
  assert.equal((await served.root.get('/-/health')).status, 200)
})

test('what needs a restart is named, and stays as it was', async () => {
  const yaml =
    '{access: {anonymous: true}, secret_key: "a secret that nobody may read in any log", limits: {keep_alive: 5s}}'
  const lines = await reloaded(served, yaml, waits)
  assert.deepEqual(lines.find(({ msg }) => msg === waits)?.['keys'], ['secret_key', 'access.anonymous'])
  assert.deepEqual(lines.find(({ msg }) => msg === read)?.['changed'], ['limits.keep_alive'])
  assert.equal((await fetch(`${served.url}/api/v4/projects`)).status, 401)
  assert.match((await served.root.get('/-/liveness')).headers.get('keep-alive') ?? '', /timeout=5/)
  assert.ok(!served.said.join('\n').includes('nobody may read'))
})

test('new connections get the certificate that lies in the files by now', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'entrepot-tls-'))
  const [first, second] = [makeCertificate(), makeCertificate()]
  const put = ({ cert, key }: typeof first) => {
    writeFileSync(join(dir, 'cert.pem'), cert)
    writeFileSync(join(dir, 'key.pem'), key)
  }
  put(first)
  const yaml = `tls: {cert: '${dir}/cert.pem', key: '${dir}/key.pem'}`
  const https = await startServed(yaml).catch((error: Error) => error)
  try {
    assert.ok(!(https instanceof Error), String(https))
    const shown = async () => {
      const socket = connect({
        host: '127.0.0.1',
        port: Number(new URL(https.url).port),
        rejectUnauthorized: false,
      })
      await once(socket, 'secureConnect')
      const { raw } = socket.getPeerCertificate()
      socket.destroy()
      return raw.toString('base64')
    }
    const der = ({ cert }: typeof first) => cert.replaceAll(/-----[^-]+-----|\s/g, '')
    assert.equal(await shown(), der(first))
    put({ ...second, key: first.key })
    await reloaded(https, yaml, kept)
    assert.equal(await shown(), der(first), 'a key that does not fit changes nothing')
    put(second)
    await reloaded(https, yaml, read)
    assert.equal(await shown(), der(second))
  } finally {
    if (!(https instanceof Error)) await https.remove()
    rmSync(dir, { recursive: true })
  }
})
