/** A variant of an address answers as the address itself does, or not at all: what is refused has no second spelling. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { signedIn } from '../../src/web/browser.testing.ts'
import { createTestApp, type TestApp } from '../app.ts'
import { fuzzing } from '../fuzzing.ts'
import { variantOf } from '../path-variants.ts'
import { publishTiny } from '../publish-tiny.ts'
import { rawAnswer, statusOf } from '../raw-answer.ts'

type Headers = Readonly<Record<string, string>>

const runs = 300
const withoutLinks = (answer: string) => answer.replace(/^link: .*\r\n/im, '')

describe('variants of addresses', () => {
  let app: TestApp
  let addresses: readonly string[]
  let pages: readonly string[]
  let callers: Readonly<Record<'nobody' | 'stranger' | 'guest' | 'reader', Headers>>
  let browsers: readonly Headers[]
  before(async () => {
    app = await createTestApp()
    const { id } = await app.project('acme/app')
    const packageId = await publishTiny(app, 'acme/app', 'private bytes')
    await app.project('open/app', { visibility: 'public' })
    await publishTiny(app, 'open/app', 'public bytes')
    const levels = [
      `/api/v4/projects/${id}/packages`,
      '/api/v4/projects/acme%2Fapp/packages',
      '/api/v4/groups/acme/-/packages',
    ]
    const open = '/api/v4/projects/open%2Fapp/packages'
    addresses = [
      ...[...levels, open].flatMap((at) => [
        `${at}/npm/tiny`,
        `${at}/npm/@acme%2ftiny`,
        `${at}/npm/tiny/-/tiny-1.0.0.tgz`,
        `${at}/npm/-/package/tiny/dist-tags`,
        `${at}/npm/-/v1/search`,
        `${at}/npm/-/whoami`,
        `${at}/generic/tiny/1.0/file.bin`,
        `${at}/maven/acme/app/tiny/maven-metadata.xml`,
        `${at}/maven/acme/app/tiny/1.0/tiny-1.0.jar`,
        `${at}/maven/acme/app/tiny/1.0/tiny-1.0.jar.sha1`,
      ]),
      '/api/v4/packages/npm/@acme%2ftiny',
      '/api/v4/packages/maven/acme/app/tiny/1.0/tiny-1.0.jar',
      `/api/v4/projects/${id}`,
      '/api/v4/projects/acme%2Fapp',
      '/api/v4/projects/acme%2Fapp/packages',
      `/api/v4/projects/${id}/packages/${packageId}`,
      `/api/v4/projects/${id}/packages/${packageId}/package_files`,
      `/api/v4/projects/${id}/members`,
      '/api/v4/groups/acme',
      '/api/v4/groups/acme/packages',
      '/api/v4/user',
      '/api/v4/users',
      '/api/v4/personal_access_tokens',
    ]
    pages = [
      '/acme/app',
      '/acme/app/-/packages',
      `/acme/app/-/packages/${packageId}`,
      `/acme/app/-/package_files/${packageId}/download`,
      '/groups/acme',
      '/groups/acme/-/packages',
      '/tokens',
      '/-/new-group',
    ]
    const [sam, gus, rita] = [await app.user('sam'), await app.user('gus'), await app.user('rita')]
    await app.member(gus, 'acme', 10)
    await app.member(rita, 'acme', 20)
    const token = (actor: { readonly token: string }) => ({ 'private-token': actor.token })
    callers = { nobody: {}, stranger: token(sam), guest: token(gus), reader: token(rita) }
    browsers = [
      {},
      { cookie: (await signedIn(app, sam)).cookie },
      { cookie: (await signedIn(app, gus)).cookie },
    ]
  })
  after(() => app.close())

  const known = new Map<string, Promise<string>>()
  function canonicalAnswer(method: string, path: string, headers: Headers): Promise<string> {
    const key = JSON.stringify([method, path, headers])
    const answer = known.get(key) ?? rawAnswer(app.url, { method, path, headers })
    known.set(key, answer)
    return answer
  }

  it('of packages and REST open nothing, and show no other bytes', () =>
    fc.assert(
      fc.asyncProperty(
        variantOf(addresses),
        fc.constantFrom('GET', 'HEAD'),
        fc.constantFrom(...Object.keys(callers)),
        async ({ canonical, variant }, method, caller) => {
          const headers = callers[caller as keyof typeof callers]
          const expected = await canonicalAnswer(method, canonical, headers)
          const answer = await rawAnswer(app.url, { method, path: variant, headers })
          // Links to further pages repeat the query, which belongs to the variant.
          if (withoutLinks(answer) === withoutLinks(expected)) return
          const asked = `${method} ${variant} by ${caller}, for ${canonical}`
          const status = statusOf(answer)
          assert.ok(status >= 400 && status < 500, `${asked}: ${answer.slice(0, 500)}`)
          if (statusOf(expected) >= 400)
            assert.ok(
              [400, 404, statusOf(expected)].includes(status),
              `${asked}: ${status} for ${statusOf(expected)}`,
            )
        },
      ),
      fuzzing(runs),
    ))

  it('of pages open nothing', () =>
    fc.assert(
      fc.asyncProperty(variantOf(pages), fc.nat(2), async ({ canonical, variant }, browser) => {
        const headers = browsers[browser]!
        const expected = statusOf(await canonicalAnswer('GET', canonical, headers))
        const answer = await rawAnswer(app.url, { method: 'GET', path: variant, headers })
        const status = statusOf(answer)
        const asked = `${variant} for ${canonical}: ${answer.slice(0, 400)}`
        if (status === 303) assert.match(answer, /^location: \/sign-in(\?return_to=|\r)/im, asked)
        else assert.ok(status === expected || status === 400 || status === 404, asked)
        assert.doesNotMatch(answer, /private bytes|tiny-1\.0/)
      }),
      fuzzing(runs),
    ))

  it('write nothing', async () => {
    const rows = async () =>
      JSON.stringify(await app.core.database.read.selectFrom('files').selectAll().execute())
    const earlier = await rows()
    const writes = addresses.filter((path) => !path.includes('open'))
    await fc.assert(
      fc.asyncProperty(
        variantOf(writes),
        fc.constantFrom('PUT', 'POST', 'DELETE', 'PATCH'),
        fc.constantFrom(...Object.keys(callers)),
        async ({ canonical, variant }, method, caller) => {
          const headers = callers[caller as keyof typeof callers]
          const answer = await rawAnswer(app.url, { method, path: variant, headers })
          const status = statusOf(answer)
          assert.ok(
            status >= 400 && status < 500,
            `${method} ${variant} by ${caller}, for ${canonical}: ${answer.slice(0, 500)}`,
          )
        },
      ),
      fuzzing(runs),
    )
    assert.equal(await rows(), earlier)
  })
})
