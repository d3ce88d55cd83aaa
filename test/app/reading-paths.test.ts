/**
 * Search, lists, counts, totals and completions are ways of reading, too: a private project, its packages and all that is
 * done to them change no byte of what those see who may not read it (Gitea CVE-2026-27771).
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { sampleBody } from '../../src/formats/npm/samples.ts'
import { signedIn } from '../../src/web/browser.testing.ts'
import { createTestApp, type TestApp } from '../app.ts'
import { publishTiny } from '../publish-tiny.ts'
import { rawAnswer, statusOf } from '../raw-answer.ts'
import { restRoutes } from '../rest-routes.ts'

type Headers = Readonly<Record<string, string>>

/** Asked as well: what routes take beside their path. */
const queries: readonly string[] = [
  '',
  '?search=tiny',
  '?per_page=1&page=2',
  '?pagination=keyset&per_page=1',
  '?search=secret',
]

describe('a private project in a public group', () => {
  let app: TestApp
  let callers: readonly (readonly [title: string, headers: Headers])[]
  let addresses: readonly string[]
  before(async () => {
    app = await createTestApp()
    await app.group('acme', { visibility: 'public' })
    const open = await app.project('acme/open', { visibility: 'public' })
    await publishTiny(app, 'acme/open', 'open')
    // Where a group hides something at all, nobody without a credential is told that a name is missing.
    await app.project('acme/quiet')
    const sam = await app.user('sam')
    const owner = await app.user('olga')
    const browser = await signedIn(app, sam)
    await app.member(sam, 'acme/open', 20)
    await app.member(owner, 'acme/open', 50)
    callers = [
      ['nobody', {}],
      ['a reporter of the project beside it', { 'private-token': sam.token }],
      ['an owner of the project beside it', { 'private-token': owner.token }],
      ['somebody signed in', { cookie: browser.cookie }],
    ]
    const open1 = String(open.id)
    const rest = restRoutes
      .filter(({ method, path }) => method === 'GET' && !/:(?!id)|openapi/.test(path))
      .flatMap(({ path }) => {
        const level = path.startsWith('/groups') ? 'acme' : open1
        // Refusals are listed as well, and every look that this test takes is one.
        const asked = path.endsWith('/audit_events') ? ['?kind=package.published'] : queries
        return asked.map((query) => `/api/v4${path.replace(':id', level)}${query}`)
      })
    const levels = [
      `/api/v4/projects/${open1}/packages`,
      '/api/v4/groups/acme/-/packages',
      '/api/v4/packages',
    ]
    const registries = levels.flatMap((at) => [
      ...['text=', 'text=tiny', 'text=secret', 'size=1&from=1&text='].map(
        (query) => `${at}/npm/-/v1/search?${query}`,
      ),
      ...['tiny', '@acme%2ftiny', 'secret-thing', '@acme%2fsecret-thing'].map((name) => `${at}/npm/${name}`),
      `${at}/npm/-/package/tiny/dist-tags`,
      `${at}/maven/acme/open/tiny/maven-metadata.xml`,
      `${at}/maven/acme/secret/tiny/maven-metadata.xml`,
      `${at}/maven/acme/maven-metadata.xml`,
    ])
    const pages = [
      '/',
      '/?search=secret',
      '/groups/acme',
      '/groups/acme/-/packages',
      '/groups/acme/-/packages?search=tiny',
      '/acme/open',
      '/acme/open/-/packages',
      '/acme/secret',
      '/acme/secret-2',
    ]
    addresses = [...rest, ...registries, ...pages]
  })
  after(() => app.close())

  async function seen(): Promise<Map<string, string>> {
    const answers = new Map<string, string>()
    for (const [title, headers] of callers)
      for (const path of addresses)
        answers.set(`${path} as ${title}`, await rawAnswer(app.url, { method: 'GET', path, headers }))
    return answers
  }

  async function assertUnseen(earlier: ReadonlyMap<string, string>, what: string): Promise<void> {
    for (const [asked, answer] of await seen()) {
      assert.equal(answer, earlier.get(asked), `${asked} after ${what}`)
      assert.ok(statusOf(answer) < 500, asked)
    }
  }

  it('changes nothing that others see, whatever happens in it', async () => {
    const rita = await app.user('rita')
    const earlier = await seen()
    assert.ok(earlier.size > 300, String(earlier.size))
    const good = [...earlier.values()].filter((answer) => statusOf(answer) === 200)
    assert.ok(good.length > 150, `${good.length} answers show something`)

    await app.project('acme/secret')
    await publishTiny(app, 'acme/secret', 'secret')
    for (const name of ['secret-thing', '@acme%2fsecret-thing']) await publishNpm(app, name)
    await assertUnseen(earlier, 'publishing')
    await app.member(rita, 'acme/secret', 20)
    await app.root.json('PUT', '/api/v4/projects/acme%2Fsecret', { name: 'secret-2' })
    assert.equal((await app.root.delete('/api/v4/projects/acme%2Fsecret?confirm=acme/secret')).status, 202)
    await assertUnseen(earlier, 'changing and deleting')
  })
})

async function publishNpm({ root }: TestApp, name: string): Promise<void> {
  const body = sampleBody({ name: decodeURIComponent(name), version: '1.0.0', content: 'secret' })
  await root.json('PUT', `/api/v4/projects/acme%2Fsecret/packages/npm/${name}`, body)
}
