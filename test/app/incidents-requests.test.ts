/** What went wrong elsewhere by the way a request was written, each as the property that prevents it. */
import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { loadConfig } from '../../src/config/config.ts'
import { createTestApp, type TestApp } from '../app.ts'
import { publishTiny } from '../publish-tiny.ts'
import { rawAnswer, statusOf } from '../raw-answer.ts'
import { fuzzing } from '../fuzzing.ts'

describe('how a request is written', () => {
  let app: TestApp
  let at = ''
  let groupAt = ''
  before(async () => {
    app = await createTestApp({ env: { ENTREPOT_HTTP__TRUSTED_PROXIES: '127.0.0.0/8' } })
    const { id } = await app.project('acme/app')
    await publishTiny(app, 'acme/app')
    at = `/api/v4/projects/${id}/packages`
    groupAt = `/api/v4/groups/acme/-/packages`
  })
  after(() => app.close())

  const asRoot = (method: string, path: string, headers: Record<string, string> = {}, body = '') =>
    rawAnswer(app.url, { method, path, headers: { 'private-token': app.root.token, ...headers }, body })
  const asNobody = (method: string, path: string, headers: Record<string, string> = {}) =>
    rawAnswer(app.url, { method, path, headers })

  it('no spelling of a path reaches a file of the disk (CVE-2024-4956)', async () => {
    const climbs = [
      '%2F%2F..%2F',
      '%2F..%2F..%2F',
      '..%2F',
      '%2e%2e/',
      '../',
      '..%5c',
      '%252e%252e%252f',
      '..;/',
    ]
    const goals = ['etc/passwd', 'package.json', 'entrepot.db', 'secret_key']
    for (const prefix of [
      '/',
      '//',
      '/assets/',
      `${at}/generic/tiny/1.0/`,
      `${at}/npm/`,
      `${at}/maven/acme/`,
      '/-/',
    ]) {
      for (const climb of climbs) {
        for (const goal of goals) {
          const answer = await asRoot('GET', prefix + climb.repeat(3) + goal)
          assert.ok([400, 404, 303].includes(statusOf(answer)), `${prefix}${climb}${goal}: ${answer}`)
          assert.doesNotMatch(answer, /root:|"dependencies"|SQLite format/)
        }
      }
    }
  })

  it('no name of a request becomes the name of a file (gitlab#36029)', async () => {
    const part = fc.constantFrom(
      '..',
      '.',
      '%2e%2e',
      '%2f',
      '/',
      '~',
      'authorized_keys',
      '%5c',
      ':',
      'a',
      '%00',
      '*',
    )
    const name = fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''))
    const prefixes = ['generic/x/1.0/', 'generic/', 'maven/com/acme/x/1.0/', 'maven/', 'npm/', 'npm/x/-/']
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...prefixes), name, async (prefix, text) => {
        const status = statusOf(await asRoot('PUT', `${at}/${prefix}${text}`, {}, 'ssh-rsa AAAA'))
        assert.ok(status === 201 || (status >= 400 && status < 500), `${prefix}${text}: ${status}`)
      }),
      fuzzing(150),
    )
    const { data, packages } = app.config
    const stored = /^(incoming|blobs)(\/[0-9a-f]{2}){0,2}(\/[0-9a-f]{32})?$/
    for (const path of await readdir(packages.storagePath, { recursive: true }))
      assert.match(path.replaceAll('\\', '/'), stored)
    for (const path of await readdir(join(data, '..'), { recursive: true }))
      assert.doesNotMatch(path, /authorized_keys|\.\.|~/)
  })

  it('what is no part of an answer’s address changes neither it nor what others get (CVE-2024-6915)', async () => {
    const odd: readonly Record<string, string>[] = [
      { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', 'x-forwarded-port': '1' },
      { forwarded: 'host=evil.example;proto=https' },
      { host: 'evil.example' },
      { 'x-original-url': '/api/v4/users', 'x-rewrite-url': '/api/v4/users' },
      { 'x-http-method-override': 'DELETE', 'x-http-method': 'DELETE', 'x-method-override': 'DELETE' },
      { 'x-forwarded-prefix': '/evil', 'x-script-name': '/evil' },
      { cookie: 'entrepot_session=evil', 'accept-language': 'evil' },
    ]
    const paths = [
      `${at}/npm/tiny`,
      `${groupAt}/npm/tiny`,
      `${at}/maven/acme/app/tiny/maven-metadata.xml`,
      '/api/v4/projects/acme%2Fapp',
      '/api/v4/projects/acme%2Fapp/packages',
    ]
    for (const path of paths) {
      const plain = await asRoot('GET', path)
      assert.equal(statusOf(plain), 200)
      assert.doesNotMatch(plain, /evil/)
      for (const headers of odd) {
        assert.equal(await asRoot('GET', path, headers), plain, `${path} ${JSON.stringify(headers)}`)
        assert.equal(await asRoot('GET', path), plain, `${path} after ${JSON.stringify(headers)}`)
      }
      if (path.startsWith(at) || path.startsWith(groupAt))
        assert.equal(await asRoot('GET', `${path}?evil=1&utm_source=evil`), plain, 'unknown parameters')
    }
  })

  it('a slash more opens nothing (CVE-2026-42018)', async () => {
    const closed = [
      `${at}/npm/tiny`,
      `${at}/npm/tiny/-/tiny-1.0.0.tgz`,
      `${at}/npm/-/v1/search`,
      `${at}/generic/tiny/1.0/file.bin`,
      `${at}/maven/acme/app/tiny/maven-metadata.xml`,
      `${groupAt}/npm/tiny`,
      '/api/v4/user',
      '/api/v4/users',
      '/api/v4/projects/acme%2Fapp',
      '/api/v4/personal_access_tokens',
    ]
    for (const path of closed) {
      for (const spelled of [
        `${path}/`,
        `${path}//`,
        `/${path}`,
        path.replace('/api', '/api/'),
        `${path}/.`,
        `${path}%2f`,
        `${path};x`,
        `${path}?`,
      ]) {
        const status = statusOf(await asNobody('GET', spelled))
        assert.ok([303, 400, 401, 404].includes(status), `${spelled}: ${status}`)
        if (status === 303) assert.match(await asNobody('GET', spelled), /^location: \/sign-in/im)
      }
    }
  })

  it('no secret may be empty, short or a default one (CVE-2026-82329)', () => {
    const load = (ENTREPOT_SECRET_KEY: string) =>
      loadConfig({ env: { ENTREPOT_SECRET_KEY }, formats: [], cwd: app.config.data })
    for (const weak of ['short', ' '.repeat(3), 'x'.repeat(31)]) assert.throws(() => load(weak), /secret_key/)
    assert.equal(load('').secretKey, undefined, 'an empty one counts as none: one is made')
  })

  it('rights are decided on the project that was found, however its path is written (GHSA-fv45)', async () => {
    const sam = await app.user('sam')
    const rita = await app.user('rita')
    await app.member(rita, 'acme/app', 20)
    const { id } = await app.project('acme/app')
    const ids = [String(id), 'acme%2Fapp', 'acme%2fapp', '%61cme%2Fapp', 'ACME%2Fapp', 'acme%2F%61%70%70']
    for (const spelled of ids) {
      for (const rest of ['/packages/npm/tiny', '/packages/generic/tiny/1.0/file.bin', '/packages', '']) {
        const path = `/api/v4/projects/${spelled}${rest}`
        assert.equal((await sam.get(path)).status, 404, path)
        assert.equal((await app.anonymous.get(path)).status, rest.startsWith('/packages/') ? 401 : 404, path)
        assert.equal((await rita.get(path)).status, 200, path)
      }
    }
  })

  it('a caller’s address is counted from the right of X-Forwarded-For (GHSA-8jm4)', async () => {
    const ann = await app.user('ann')
    await app.member(ann, 'acme/app', 30)
    const told = { 'x-forwarded-for': '203.0.113.66, 198.51.100.7' }
    assert.equal((await ann.put(`${at}/generic/from/1.0/file.bin`, 'x', told)).status, 201)
    const event = await app.core.database.read
      .selectFrom('events')
      .select('address')
      .where('user_id', '=', ann.id)
      .where('name', '=', 'from')
      .executeTakeFirstOrThrow()
    assert.equal(event.address, '198.51.100.7')
  })
})
