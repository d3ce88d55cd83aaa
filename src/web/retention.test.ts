import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { signedIn } from './browser.testing.ts'

let app: TestApp
before(async () => {
  app = await createTestApp()
})
after(() => app.close())

it('pages show maintainers, and nobody below, which packages leave by themselves', async () => {
  const project = await app.project('acme/app')
  const maintainer = await app.user('mia')
  const developer = await app.user('dev')
  await app.member(maintainer, 'acme', 40)
  await app.member(developer, 'acme', 30)
  const rule = { name: 'few nightlies', keep_n: 3, older_than_days: 30, package_version_pattern: '*-n' }
  await app.root.json('POST', '/api/v4/groups/acme/packages/retention/rules', rule)
  const words = 'Removes versions *-n not among the 3 newest and not published within 30 days'
  for (const [user, sees] of [
    [maintainer, true],
    [developer, false],
  ] as const) {
    const browser = await signedIn(app, user)
    for (const page of ['/acme/app', '/groups/acme'])
      assert.equal((await browser.get(page)).text.includes(words), sees, `${user.username} at ${page}`)
  }
  const own = { name: 'own', package_type: 'npm', package_name_pattern: '@acme/*' }
  await app.root.json('POST', `/api/v4/projects/${project.id}/packages/retention/rules`, own)
  const { text } = await (await signedIn(app, maintainer)).get('/acme/app')
  assert.ok(text.includes(words), 'it still holds for other formats')
  assert.ok(text.includes('Keeps versions of @acme/*'))
})
