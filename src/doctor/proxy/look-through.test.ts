import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createTestApp, type TestApp } from '../../../test/app.ts'
import { rawAnswer, statusOf } from '../../../test/raw-answer.ts'
import { makeProbeToken, probeHeader } from '../../core/access/probe-token.ts'
import { startFaultyProxy, type Fault } from './faulty-proxy.testing.ts'
import { lookThrough } from './look-through.ts'

/** What each fault of a proxy must be found under, and a setting of nginx that repairs it. */
const faults: readonly (readonly [Fault, about: string, setting: RegExp])[] = [
  ['decodes', '%2f in paths', /proxy_pass without a path/],
  ['merges slashes', 'double slashes', /merge_slashes off/],
  ['changes Host', 'Host', /proxy_set_header Host \$http_host/],
  ['hides the protocol', 'protocol', /X-Forwarded-Proto \$scheme/],
  ['hides the caller', 'caller', /X-Forwarded-For/],
  ['takes Authorization', 'Authorization', /proxy_set_header Authorization/],
  ['refuses long headers', 'long headers', /large_client_header_buffers/],
  ['refuses large bodies', 'large bodies', /client_max_body_size 0/],
  ['refuses chunks', 'chunked bodies', /proxy_http_version 1.1/],
  ['refuses Expect', 'Expect: 100-continue', /proxy_set_header Expect/],
  ['keeps uploads', 'uploads', /proxy_request_buffering off/],
  ['keeps downloads', 'downloads', /proxy_buffering off/],
  ['compresses', 'compression', /gzip off/],
  ['knows no root', '/v2/', /location \/v2\//],
]

describe('doctor, through the public URL', { concurrency: 4 }, () => {
  let app: TestApp
  before(async () => {
    app = await createTestApp()
  })
  after(() => app.close())

  async function lookAt(fault?: Fault) {
    const proxy = await startFaultyProxy(app.url, fault)
    try {
      const { secretKey } = app.core
      return await lookThrough({ publicUrl: proxy.url, secretKey, largeBytes: 5_000_000 })
    } finally {
      await proxy.close()
    }
  }

  test('finds nothing wrong with a proxy that does nothing wrong, nor where there is none', async () => {
    const { secretKey } = app.core
    const direct = await lookThrough({ publicUrl: app.url, secretKey, largeBytes: 5_000_000 })
    for (const found of [await lookAt(), direct]) {
      assert.deepEqual(
        found.filter(({ verdict }) => verdict !== 'ok'),
        [],
      )
      assert.equal(found.length, 16)
    }
  })

  for (const [fault, about, setting] of faults) {
    test(`finds a proxy that ${fault}, and names the setting`, async () => {
      const wrong = (await lookAt(fault)).filter(({ verdict }) => verdict !== 'ok')
      assert.deepEqual(
        wrong.map((one) => one.about),
        [about],
      )
      assert.match(wrong[0]!.advice!.join('\n'), setting)
    })
  }

  test('says it once where nothing arrives, or another server answers', async () => {
    const found = await lookAt('answers by itself')
    assert.equal(found.length, 1)
    assert.match(found[0]!.words, /answered with 502 by faulty: no/)
    const otherKey = 'another key for tests, long enough to be one'
    const [other] = await lookThrough({ publicUrl: app.url, secretKey: otherKey })
    assert.equal(other?.verdict, 'problem')
    assert.match(other.advice!.join(), /the same secret key/)
    const [nobody] = await lookThrough({ publicUrl: 'http://127.0.0.1:1', secretKey: otherKey })
    assert.match(nobody!.words, /broken off: .*ECONNREFUSED/)
  })
})

describe('the answer to probes', () => {
  let app: TestApp
  before(async () => {
    app = await createTestApp()
  })
  after(() => app.close())
  const path = '/api/v4/projects/1/packages/generic/tool/1/tool.bin'
  const put = (token: string) => app.anonymous.put(path, 'bytes', { [probeHeader]: token })

  test('needs a token of this server that has not expired, and tells the request apart by nothing else', async () => {
    const { secretKey } = app.core
    const now = app.clock.now()
    assert.equal((await put(makeProbeToken(secretKey, now))).status, 200)
    const other = makeProbeToken('another key for tests, long enough to be one', now)
    const expired = makeProbeToken(secretKey, now - 11 * 60_000)
    const everlasting = makeProbeToken(secretKey, now + 86_400_000)
    const plain = await app.anonymous.put(path, 'bytes')
    const words = await plain.text()
    for (const token of [other, expired, everlasting, '', 'x.y', `${now + 1000}.${'0'.repeat(64)}`]) {
      const reply = await put(token)
      assert.deepEqual([reply.status, await reply.text()], [plain.status, words], token)
    }
  })

  test('takes no body beyond its limit, and stores nothing', async () => {
    const token = makeProbeToken(app.core.secretKey, app.clock.now())
    const headers = { [probeHeader]: token, 'content-length': String(2 ** 31) }
    assert.equal(statusOf(await rawAnswer(app.url, { method: 'PUT', path: '/x', headers })), 413)
    const { counts } = app.core.blobs
    assert.equal(counts.writes, 0)
  })
})
