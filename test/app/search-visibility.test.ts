/** Search is a way of reading: it finds and counts only what its caller may read, under the owner of each name. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { sampleBody } from '../../src/formats/npm/samples.ts'
import { createTestApp, type Actor, type TestApp } from '../app.ts'

describe('search', () => {
  let app: TestApp
  let group = ''

  before(async () => {
    app = await createTestApp()
    group = '/api/v4/groups/acme/-/packages/npm'
    for (const [project, ...names] of [
      ['one', 'common', 'only-one'],
      ['two', 'common', 'only-two'],
      ['open', 'common', 'only-open'],
    ] as const) {
      await app.project(`acme/${project}`)
      for (const name of names) await publish(project, name)
    }
    await app.core.database.write((db) =>
      db.updateTable('projects').set({ packages_access: 'public' }).where('path', '=', 'open').execute(),
    )
    for (const project of ['one', 'two'])
      await app.member(await app.user(`reader-of-${project}`), `acme/${project}`, 20)
    await app.member(await app.user('reader-of-all'), 'acme', 20)
    await app.member(await app.user('guest-of-one'), 'acme/one', 10)
  })
  after(() => app.close())

  async function publish(project: string, name: string): Promise<void> {
    const body = sampleBody({ name, version: '1.0.0', content: project })
    const description = `from ${project}`
    const described = { ...body, versions: { '1.0.0': { ...body.versions['1.0.0']!, description } } }
    await app.root.json('PUT', `/api/v4/projects/acme%2F${project}/packages/npm/${name}`, described)
  }

  /** What a search for everything shows: name and where it is from. */
  async function found(actor: Actor): Promise<string[]> {
    const { objects, total } = await actor.json('GET', `${group}/-/v1/search?text=`)
    assert.equal(total, objects.length, 'nothing unseen is counted')
    return objects.map((one: any) => `${one.package.name} ${one.package.description}`).toSorted()
  }

  const open = 'only-open from open'
  const cases: readonly (readonly [user: string, expected: readonly string[]])[] = [
    ['reader-of-one', ['common from one', 'only-one from one', open]],
    ['reader-of-two', [open, 'only-two from two']],
    ['reader-of-all', ['common from one', 'only-one from one', open, 'only-two from two']],
    ['guest-of-one', [open]],
    ['stranger', [open]],
  ]
  for (const [user, expected] of cases) {
    it(`shows ${user} ${expected.length} names`, async () => {
      assert.deepEqual(await found(await app.user(user)), expected)
    })
  }

  it('shows the anonymous caller what anyone may pull', async () => {
    assert.deepEqual(await found(app.anonymous), [open])
  })

  it('shows nothing of a removed package', async () => {
    const packages = await app.root.json('GET', '/api/v4/projects/acme%2Ftwo/packages')
    const { id } = packages.find((pkg: any) => pkg.name === 'only-two')
    await app.root.json('DELETE', `/api/v4/projects/acme%2Ftwo/packages/${id}`)
    assert.deepEqual(await found(await app.user('reader-of-two')), [open])
  })
})
