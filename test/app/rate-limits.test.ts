/** How often callers may ask, as clients of every kind are told. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeToken } from '../../src/lib/tokens.ts'
import { call } from '../../src/formats/testing/http.ts'
import { ask } from '../ask.ts'
import { createTestApp, type TestApp } from '../app.ts'
import { heldUpload } from '../held-upload.ts'

const settings = (values: Readonly<Record<string, string | number>>) =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [`ENTREPOT_${key.toUpperCase()}`, String(value)]),
  )
const throttled = {
  rate_limits__throttle_unauthenticated_packages_api_enabled: 'true',
  rate_limits__throttle_unauthenticated_packages_api_requests_per_period: 3,
  rate_limits__throttle_authenticated_packages_api_enabled: 'true',
  rate_limits__throttle_authenticated_packages_api_requests_per_period: 5,
  rate_limits__throttle_authenticated_packages_api_period_in_seconds: 20,
}
const behindProxy = { http__trusted_proxies: '127.0.0.0/8' }

async function withApp(
  values: Readonly<Record<string, string | number>>,
  work: (app: TestApp, at: string) => Promise<void>,
): Promise<void> {
  const app = await createTestApp({ env: settings(values) })
  try {
    const { id } = await app.project('acme/app', { visibility: 'public' })
    await work(app, `/api/v4/projects/${id}/packages`)
  } finally {
    await app.close()
  }
}

/** To the start of a window, so that no test falls on the end of one. */
function toNextWindow({ clock }: TestApp, seconds: number): void {
  clock.advance(seconds * 1000 - (clock.now() % (seconds * 1000)))
}

describe('requests for packages', () => {
  it('are not limited unless configured', () =>
    withApp({}, async ({ anonymous }, at) => {
      for (let i = 0; i < 30; i++) {
        const reply = await anonymous.get(`${at}/npm/none`)
        assert.equal(reply.status, 404)
        assert.equal(reply.headers.get('ratelimit-limit'), null)
        await reply.arrayBuffer()
      }
    }))

  it('are counted per address without a credential, and per person with one', () =>
    withApp({ ...throttled, ...behindProxy }, async (app, at) => {
      toNextWindow(app, 300)
      const from = (address: string) => app.anonymous.get(`${at}/npm/none`, { 'x-forwarded-for': address })
      const seen: unknown[] = []
      for (let i = 1; i <= 4; i++) {
        const reply = await from('192.0.2.1')
        seen.push([reply.status, reply.headers.get('ratelimit-remaining')])
        assert.equal(reply.headers.get('ratelimit-observed'), String(i))
      }
      assert.deepEqual(seen, [
        [404, '2'],
        [404, '1'],
        [404, '0'],
        [429, '0'],
      ])
      assert.equal((await from('192.0.2.2')).status, 404, 'another address')
      assert.equal((await from('2001:db8::1')).status, 404)
      assert.equal((await from('2001:db8::2')).headers.get('ratelimit-observed'), '2', 'of the same /64')
      assert.equal(
        (await from('1.2.3.4, 192.0.2.1')).status,
        429,
        'what the client itself wrote does not count',
      )

      const more = await app.withScopes(app.root, 'read_package_registry')
      for (let i = 0; i < 5; i++) assert.equal((await app.root.get(`${at}/npm/none`)).status, 404)
      assert.equal((await more.get(`${at}/npm/none`)).status, 429, 'another token of the same person')
      assert.equal((await (await app.user('ann')).get(`${at}/npm/none`)).status, 404, 'another person')

      app.clock.advance(20_000)
      assert.equal((await from('192.0.2.1')).status, 404, 'a new period')
      assert.equal((await app.root.get(`${at}/npm/none`)).status, 404)
    }))

  it('are refused in the words of the client, with the time to wait', () =>
    withApp(throttled, async (app, at) => {
      toNextWindow(app, 300)
      for (let i = 0; i < 5; i++) await app.root.get(`${at}/npm/none`)
      for (const [format, body] of [
        ['npm', { message: 'Retry later', error: 'Retry later' }],
        ['generic', { message: 'Retry later' }],
        ['maven', { message: 'Retry later' }],
      ] as const) {
        const reply = await app.root.get(`${at}/${format}/none/1.0/x`)
        assert.equal(reply.status, 429)
        assert.deepEqual(await reply.json(), body, format)
        const { headers } = reply
        assert.equal(headers.get('ratelimit-name'), 'throttle_authenticated_packages_api')
        assert.equal(headers.get('ratelimit-limit'), '5')
        const resets = Number(headers.get('ratelimit-reset'))
        const wait = Number(headers.get('retry-after'))
        assert.ok(wait > 0 && wait <= 20, String(wait))
        assert.ok(Math.abs(resets - wait - app.clock.now() / 1000) < 2)
      }
      const rest = await ask(app.root, `GET ${at.replace('/api/v4', '')}`)
      assert.deepEqual([rest.status, rest.body], [429, { message: 'Retry later' }])
      assert.equal((await ask(app.root, 'GET /projects')).status, 200, 'other addresses have no such limit')
    }))
})

describe('invalid credentials', () => {
  const ten = { rate_limits__failed_authentications_per_minute: 10 }
  const bad = () => ({ 'private-token': makeToken('ept_') })

  it('are answered with 429 after ten in a minute, while a valid token at the same address works', () =>
    withApp(ten, async (app, at) => {
      const { token } = app.root
      const failed: number[] = []
      for (let i = 0; i < 12; i++) {
        failed.push((await app.anonymous.get(`${at}/npm/none`, bad())).status)
        const valid = await app.anonymous.get(`${at}/npm/none`, { 'private-token': token })
        assert.equal(valid.status, 404, 'a valid token')
      }
      assert.deepEqual(failed, [...Array(10).fill(401), 429, 429])
      const refused = await app.anonymous.get(`${at}/npm/none`, bad())
      assert.ok(Number(refused.headers.get('retry-after')) > 0)
      assert.match(((await refused.json()) as { error: string }).error, /^too many failed attempts/)
      assert.equal(
        (await ask(app.anonymous, 'GET /projects', undefined, bad())).status,
        429,
        'REST counts as well',
      )
      assert.equal((await ask(app.root, 'GET /projects')).status, 200)
      assert.equal((await app.anonymous.get(`${at}/npm/none`)).status, 404, 'nobody is no failure')
      app.clock.advance(60_000)
      assert.equal((await app.anonymous.get(`${at}/npm/none`, bad())).status, 401)
    }))

  it('are counted by the caller’s own address behind a proxy, and by the token', () =>
    withApp({ ...ten, ...behindProxy }, async ({ anonymous }, at) => {
      const guess = async (address: string, token: string) =>
        (
          await anonymous.get(`${at}/npm/none`, {
            'x-forwarded-for': address,
            authorization: `Bearer ${token}`,
          })
        ).status
      for (let i = 0; i < 10; i++) assert.equal(await guess('192.0.2.1', makeToken('ept_')), 401)
      assert.equal(await guess('192.0.2.1', makeToken('ept_')), 429)
      assert.equal(await guess('192.0.2.2', makeToken('ept_')), 401, 'another address')
      const token = makeToken('ept_')
      for (let i = 0; i < 10; i++) assert.equal(await guess(`198.51.100.${i}`, token), 401)
      assert.equal(await guess('198.51.100.99', token), 429, 'the same token from one more address')
    }))

  it('are counted where a sign-in route reads them from a body', () =>
    withApp(ten, async ({ anonymous }, at) => {
      const login = () =>
        anonymous.put(`${at}/npm/-/user/org.couchdb.user:ann`, {
          name: 'ann',
          password: randomBytes(9).toString('hex'),
        })
      for (let i = 0; i < 10; i++) assert.equal((await login()).status, 401)
      assert.equal((await login()).status, 429)
    }))
})

describe('reports of leaked tokens', () => {
  it('are limited where they name none of ours, and never where they do', () =>
    withApp({ rate_limits__failed_authentications_per_minute: 10 }, async (app) => {
      const report = async (token: string) =>
        (await ask(app.anonymous, 'POST /tokens/revoke', { token })).status
      for (let i = 0; i < 10; i++) assert.equal(await report(makeToken('ept_')), 204)
      assert.equal(await report(makeToken('ept_')), 429)
      assert.equal(await report((await app.user('ann')).token), 204)
    }))
})

describe('publications at once', () => {
  it('are refused beyond what is configured, for that caller only, until one of them ends', () =>
    withApp({ rate_limits__uploads_at_once: 2 }, async (app, at) => {
      const upload = (name: string, token: string) =>
        heldUpload(`${app.url}${at}/generic/${name}/1.0/file.bin`, token)
      const first = await upload('one', app.root.token)
      const second = await upload('two', app.root.token)
      const asked = { method: 'PUT', path: '/generic/three/1.0/file.bin', body: 'x' } as const
      const refused = await call(app.root, app.url + at, asked)
      assert.equal(refused.status, 429)
      assert.match(refused.text, /Retry later/)
      assert.ok(Number(refused.headers['retry-after']) > 0)
      const read = await call(app.root, app.url + at, { method: 'GET', path: '/npm/none' })
      assert.equal(read.status, 404, 'reading goes on')
      const ann = await app.user('ann')
      await app.member(ann, 'acme/app', 30)
      assert.equal((await call(ann, app.url + at, asked)).status, 201, 'another caller')
      assert.equal(await first.finish(), 201)
      const next = { ...asked, path: '/generic/four/1.0/file.bin' }
      assert.equal((await call(app.root, app.url + at, next)).status, 201)
      await second.hangUp()
      const fifth = await upload('five', app.root.token)
      const sixth = { ...asked, path: '/generic/six/1.0/file.bin' }
      assert.equal(
        await onceNotLimited(() => call(app.root, app.url + at, sixth)),
        201,
        'the broken one has ended',
      )
      assert.equal(await fifth.finish(), 201)
    }))
})

/** The server sees a moment later that a client has gone. */
async function onceNotLimited(send: () => Promise<{ readonly status: number }>): Promise<number> {
  for (let attempt = 0; ; attempt++) {
    const { status } = await send()
    if (status !== 429 || attempt === 40) return status
    await sleep(50)
  }
}
