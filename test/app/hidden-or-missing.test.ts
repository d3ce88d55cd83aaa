/** Who may not see a project or group cannot tell it from one that does not exist: not by a byte, on any route. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createBrowser, signedIn } from '../../src/web/browser.testing.ts'
import { createTestApp, type TestApp } from '../app.ts'
import { publishTiny } from '../publish-tiny.ts'
import { rawAnswer, statusOf, type RawRequest } from '../raw-answer.ts'
import { restRoutes } from '../rest-routes.ts'
import { bodyFor } from '../route-body.ts'

/** Real ones of the private project, so that everything but the project exists. */
const parameters: Readonly<Record<string, string>> = {
  name: 'tiny',
  version: '1.0',
  file: 'tiny-1.0.0.tgz',
  user: 'org.couchdb.user:root',
}
/** What follows where a route takes any path. */
const paths: Readonly<Record<string, string>> = {
  npm: 'tiny',
  generic: 'file.bin',
  maven: 'acme/app/tiny/1.0/tiny-1.0.jar',
}
/** Below no group that exists, with as many characters. */
const missing = { project: ['999999', 'acme%2Fxyz', 'none%2Fapp'], group: ['999999', 'none'] }

for (const anonymous of [true, false]) {
  describe(`a private project beside a missing one, ${anonymous ? 'with' : 'without'} anonymous reading`, () => {
    let app: TestApp
    let hidden: { project: string[]; group: string[] }
    let packageId = 0
    let callers: readonly (readonly [title: string, headers: Readonly<Record<string, string>>])[]
    before(async () => {
      app = await createTestApp({ anonymous })
      const project = await app.project('acme/app')
      const group = await app.group('acme')
      hidden = { project: [String(project.id), 'acme%2Fapp'], group: [String(group.id), 'acme'] }
      packageId = await publishTiny(app, 'acme/app')
      const stranger = await app.user('sam')
      await app.project('other/app')
      await app.member(stranger, 'other', 50)
      const reader = await app.withScopes(stranger, 'read_package_registry')
      const basic = Buffer.from(`sam:${reader.token}`).toString('base64')
      callers = [
        ['nobody', {}],
        ['a stranger', { 'private-token': stranger.token }],
        ['a stranger with a token for packages', { authorization: `Basic ${basic}` }],
        [
          'a token of another project',
          { 'private-token': await tokenOn('projects/other%2Fapp/access_tokens') },
        ],
        ['a token of another group', { 'private-token': await tokenOn('groups/other/access_tokens') }],
        [
          'a deploy token of another project',
          { 'deploy-token': await tokenOn('projects/other%2Fapp/deploy_tokens') },
        ],
      ]
    })
    after(() => app.close())

    async function tokenOn(path: string): Promise<string> {
      const wish = { name: 'elsewhere', scopes: ['read_package_registry', 'write_package_registry'] }
      const month = new Date(app.clock.now() + 30 * 86_400_000).toISOString().slice(0, 10)
      const standing = path.includes('deploy') ? {} : { access_level: 40, expires_at: month }
      return (await app.root.json('POST', `/api/v4/${path}`, { ...wish, ...standing })).token
    }

    const filled = (path: string, format = '') =>
      path.replaceAll(/:(\w+)(\+?)/g, (_, name: string) => {
        const known = name === 'path' ? paths[format] : parameters[name]
        return known ?? String(packageId)
      })

    /** Asks for all addresses as everybody, and compares. Returns the statuses that were seen. */
    async function compare(requests: readonly RawRequest[]): Promise<Set<number>> {
      const statuses = new Set<number>()
      for (const [title, headers] of callers) {
        const answers = new Map<string, string>()
        for (const one of requests) {
          const answer = await rawAnswer(app.url, { ...one, headers: { ...one.headers, ...headers } })
          statuses.add(statusOf(answer))
          answers.set(answer, `${one.method} ${one.path}`)
        }
        assert.equal(answers.size, 1, `${title} can tell: ${JSON.stringify([...answers], null, 1)}`)
      }
      return statuses
    }

    it('answers alike on every package route at project and group level', async () => {
      let compared = 0
      for (const format of app.core.formats.values()) {
        for (const route of format.routes.filter(({ needs }) => needs !== 'nothing')) {
          for (const method of route.method === 'GET' ? ['GET', 'HEAD'] : [route.method]) {
            for (const level of ['project', 'group'] as const) {
              const between = level === 'project' ? '' : '/-'
              const requests = [...hidden[level], ...missing[level]].map((id) => ({
                method,
                path: `/api/v4/${level}s/${id}${between}/packages/${format.id}${filled(route.path, format.id)}`,
              }))
              const statuses = await compare(requests)
              assert.deepEqual([...statuses].toSorted(), [401, 404], `${route.path} ${[...statuses]}`)
              compared += 1
            }
          }
        }
      }
      assert.ok(compared > 40, String(compared))
    })

    it('answers alike at instance level, for names of a private group and of none', async () => {
      for (const [format, path, writes] of [
        ['npm', '/@OWNER%2ftiny', 'PUT'],
        ['npm', '/@OWNER/tiny/-/tiny-1.0.0.tgz', 'DELETE'],
        ['npm', '/-/package/@OWNER%2ftiny/dist-tags', 'PUT'],
        ['maven', '/OWNER/app/tiny/maven-metadata.xml', 'PUT'],
        ['maven', '/OWNER/app/tiny/1.0/tiny-1.0.jar', 'PUT'],
        ['maven', '/OWNER/app/tiny/1.0/tiny-1.0.jar.sha1', 'PUT'],
      ] as const) {
        for (const method of ['GET', 'HEAD', writes])
          await compare(
            ['acme', 'none'].map((owner) => ({
              method,
              path: `/api/v4/packages/${format}${path.replace('OWNER', owner)}`,
            })),
          )
      }
    })

    it('answers alike on every REST route of a project or group', async () => {
      let compared = 0
      for (const route of restRoutes) {
        const level = /^\/(project|group)s\/:id(\/|$)/.exec(route.path)?.[1] as
          | 'project'
          | 'group'
          | undefined
        if (!level) continue
        const body = route.body ? JSON.stringify(bodyFor(route.body)) : undefined
        const query = new URLSearchParams(bodyFor(route.query) as Record<string, string>)
        const requests = [...hidden[level], ...missing[level]].map((id) => ({
          method: route.method,
          path: `/api/v4${filled(route.path.replace(':id', id))}?${query}`,
          ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
        }))
        const statuses = await compare(requests)
        for (const status of statuses)
          assert.ok([401, 403, 404].includes(status), `${route.method} ${route.path}: ${status}`)
        compared += 1
      }
      assert.ok(compared > 20, String(compared))
    })

    it('answers alike on every page, form and download', async () => {
      const sam = await signedIn(app, await app.user('sam'))
      const pages = ['', '/-/packages', `/-/packages/${packageId}`, `/-/package_files/${packageId}/download`]
      const addresses = (project: string, group: string) => [
        ...pages.map((page) => `/${project}${page}`),
        ...['', '/-/packages', '/-/new-project', '/-/new-group'].map((page) => `/groups/${group}${page}`),
      ]
      const real = addresses('acme/app', 'acme')
      const root = await signedIn(app, app.root)
      for (const path of real) assert.equal((await root.get(path)).status, 200, path)
      const none = addresses('none/app', 'none')
      const origin = new URL(app.url).origin
      for (const browser of [sam, createBrowser(app.url)]) {
        for (const method of ['GET', 'HEAD', 'POST']) {
          const headers = {
            origin,
            ...(browser.cookie ? { cookie: browser.cookie } : {}),
            ...(method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
          }
          for (const [index, path] of real.entries()) {
            const [one, other] = [
              await rawAnswer(app.url, { method, path, headers }),
              await rawAnswer(app.url, { method, path: none[index]!, headers }),
            ]
            // The address that was asked for comes back in the one to return to after signing in.
            assert.equal(one.replaceAll('acme', 'none'), other, `${method} ${path}`)
            assert.ok([303, 403, 404].includes(statusOf(one)), one)
          }
        }
      }
    })
  })
}
