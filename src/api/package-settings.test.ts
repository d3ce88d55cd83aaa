import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Actor } from '../../test/actor.ts'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { ask } from '../../test/ask.ts'

let app: TestApp
let owner: Actor
let maintainer: Actor

before(async () => {
  app = await createTestApp()
  await app.project('top/sub/lib')
  owner = await app.user('olga')
  maintainer = await app.user('mia')
  await app.member(owner, 'top', 50)
  await app.member(maintainer, 'top', 40)
})
after(() => app.close())

const of = (list: any, format: string) => list.body.find((one: any) => one.format === format)
const set = (group: string, format: string, isAllowed: boolean, regex?: string | null) =>
  ask(owner, `PUT /groups/${group}/package_settings/${format}`, {
    duplicates_allowed: isAllowed,
    duplicate_exception_regex: regex,
  })

test("settings are inherited, and without any the format's default holds", async () => {
  const top = { id: (await app.group('top')).id, full_path: 'top' }
  const initial = await ask(maintainer, 'GET /groups/top%2Fsub/package_settings')
  assert.deepEqual(
    initial.body.map((one: any) => one.format),
    [...app.core.formats.keys()],
  )
  const none = { format: 'npm', duplicates_allowed: false, duplicate_exception_regex: null, from_group: null }
  assert.deepEqual(of(initial, 'npm'), none)
  const changed = await set('top', 'npm', true, 'a.*')
  const here = { ...none, duplicates_allowed: true, duplicate_exception_regex: 'a.*', from_group: top }
  assert.deepEqual(changed.body, here)
  assert.deepEqual(of(await ask(owner, 'GET /groups/top%2Fsub/package_settings'), 'npm'), here)
  assert.equal((await set('top%2Fsub', 'npm', false)).body.from_group.full_path, 'top/sub')
  for (const group of ['top%2Fsub', 'top'])
    assert.equal((await ask(owner, `DELETE /groups/${group}/package_settings/npm`)).status, 204)
  assert.deepEqual(of(await ask(owner, 'GET /groups/top%2Fsub/package_settings'), 'npm'), none)
})

test('the exception turns the setting round for whole names and versions', async () => {
  let content = 0
  const publish = async (name: string, version: string) => {
    const path = `/api/v4/projects/top%2Fsub%2Flib/packages/generic/${name}/${version}/file`
    const put = async () => (await owner.put(path, `content ${(content += 1)}`)).status
    assert.equal(await put(), 201)
    return (await put()) === 201
  }
  await set('top', 'generic', false, String.raw`free-.*|.*-SNAPSHOT`)
  assert.equal(await publish('free-a', '1.0'), true)
  assert.equal(await publish('not-free-a', '1.0'), false)
  assert.equal(await publish('bound', '1.0-SNAPSHOT'), true)
  await set('top%2Fsub', 'generic', true, String.raw`\d+\.\d+`)
  assert.equal(await publish('some', '2.0'), false)
  assert.equal(await publish('some', '2.0-beta'), true)
  await set('top%2Fsub', 'generic', true)
  assert.equal(await publish('more', '2.0'), true)
})

test('only owners change settings, patterns are checked, and each change is an event', async () => {
  const path = '/groups/top/package_settings/npm'
  const wish = { duplicates_allowed: true }
  assert.equal((await ask(maintainer, `PUT ${path}`, wish)).status, 403)
  assert.equal((await ask(maintainer, `DELETE ${path}`)).status, 403)
  assert.equal((await ask(await app.user('sam'), `PUT ${path}`, wish)).status, 404)
  assert.equal((await ask(owner, 'PUT /groups/top/package_settings/nothing', wish)).status, 400)
  assert.equal((await ask(owner, `PUT ${path}`, {})).status, 400)
  const wrong = await set('top', 'npm', true, String.raw`(a)\1`)
  assert.deepEqual([wrong.status, wrong.body.message], [400, String.raw`a pattern may not hold \1`])
  await set('top', 'npm', false, '')
  const last = await app.core.database.read
    .selectFrom('events')
    .selectAll()
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow()
  assert.deepEqual([last.kind, last.format, last.actor], ['settings.changed', 'npm', 'olga'])
})
