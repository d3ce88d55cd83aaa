import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Actor } from '../../../test/actor.ts'
import { createTestApp, type TestApp } from '../../../test/app.ts'
import { letSign } from '../../../test/signing-format.ts'
import type { Resource } from '../access/authorize.ts'
import { anonymous } from '../access/principal.ts'
import type { Acting } from '../owners/acting.ts'
import { ownOrigin } from '../records/events.ts'
import { findGroup } from '../records/groups.ts'
import { findProject } from '../records/projects.ts'
import { changeIndex, createIndex, deleteIndex, type SettingsFormat } from './manage-settings.ts'

let app: TestApp
let format: SettingsFormat
let project: Resource
let group: Resource
let people: Readonly<Record<'reporter' | 'developer' | 'maintainer' | 'owner' | 'stranger', Actor>>
before(async () => {
  app = await createTestApp()
  format = letSign(app, 'generic') as SettingsFormat
  const { read } = app.core.database
  project = { kind: 'project', project: (await findProject(read, (await app.project('team/lib')).id))! }
  group = { kind: 'group', group: (await findGroup(read, (await app.group('team')).id))! }
  const member = async (name: string, role: 20 | 30 | 40 | 50) => {
    const actor = await app.user(name)
    await app.member(actor, 'team', role)
    return actor
  }
  people = {
    reporter: await member('reporter', 20),
    developer: await member('developer', 30),
    maintainer: await member('maintainer', 40),
    owner: await member('owner', 50),
    stranger: await app.user('stranger'),
  }
})
after(() => app.close())

async function as(actor: Actor, admin = false): Promise<Acting> {
  const { id: userId, username } = actor
  return {
    core: app.core,
    generation: await app.core.freshness.current(),
    principal: { kind: 'user', userId, username, admin },
    origin: { ...ownOrigin, userId, actor: username },
  }
}
const create = async (fields: object, owner = project, who = people.developer) =>
  createIndex(await as(who), owner, format, fields as Record<string, unknown>)
const change = async (key: string, fields: object, who = people.developer) =>
  changeIndex(await as(who), project, format, key, fields as Record<string, unknown>)
const drop = async (key: string, owner = project, who = people.developer) =>
  deleteIndex(await as(who), owner, format, key)
const status = (wanted: number, message?: RegExp) => (error: any) => {
  assert.equal(error.status, wanted, error.stack)
  if (message) assert.match(error.message, message)
  return true
}

test('an index gets settings, which are changed and taken away, and every step is an event', async () => {
  const made = await create({ key: 'stable', alias: 'bookworm', color: 'red' })
  const { id } = made
  assert.deepEqual(made, { id, key: 'stable', alias: 'bookworm', settings: { color: 'red' } })
  assert.deepEqual(await change('stable', { color: 'blue' }), { ...made, settings: { color: 'blue' } })
  assert.equal((await change('bookworm', { alias: '' })).alias, undefined, 'found by its other name, too')
  await assert.rejects(change('bookworm', {}), status(404))
  await drop('stable')
  await assert.rejects(drop('stable'), status(404))
  const events = await app.core.database.read
    .selectFrom('events')
    .selectAll()
    .where('kind', 'like', 'index.%')
    .orderBy('id')
    .execute()
  const { id: userId } = people.developer
  assert.deepEqual(
    events.map((one) => [one.kind, one.user_id, one.format, JSON.parse(one.detail!)]),
    [
      ['index.created', userId, 'generic', { index: 'stable', settings: { color: 'red' } }],
      ['index.changed', userId, 'generic', { index: 'stable', settings: { color: 'blue' } }],
      ['index.changed', userId, 'generic', { index: 'stable', settings: { color: 'blue' } }],
      ['index.deleted', userId, 'generic', { index: 'stable', settings: { color: 'blue' } }],
    ],
  )
  assert.ok(events.every((one) => one.project_id === (project as { project: { id: number } }).project.id))
})

test('no text means two indexes of a place, be it a key or another name', async () => {
  await create({ key: 'one', alias: 'first' })
  await create({ key: 'two', alias: 'second' })
  for (const fields of [
    { key: 'one' },
    { key: 'first' },
    { key: 'three', alias: 'one' },
    { key: 'three', alias: 'first' },
  ])
    await assert.rejects(create(fields), status(409, /has already been taken/), JSON.stringify(fields))
  await assert.rejects(create({ key: 'three', alias: 'three' }), status(400, /another name/))
  for (const alias of ['one', 'first']) await assert.rejects(change('two', { alias }), status(409))
  await assert.rejects(change('two', { alias: 'two' }), status(400))
  await assert.rejects(change('two', { key: 'twice' }), status(400, /cannot be changed/))
  await assert.rejects(change('two', { color: 'none' }), status(400, /color is none/))
  assert.equal(
    (await change('two', { alias: 'second', color: 'green' })).alias,
    'second',
    'its own is no twin',
  )
  const elsewhere = await create({ key: 'one', alias: 'first' }, group, people.owner)
  assert.equal(elsewhere.key, 'one', 'another place has its own')
  await drop('one', group, people.owner)
  await drop('one')
  await drop('two')
})

test('two that take the same name at once do not both get it', async () => {
  const some = await Promise.allSettled(
    Array.from({ length: 6 }, (_, at) => create({ key: `k${at}`, alias: 'wanted' })),
  )
  const refused = some.filter((one) => one.status === 'rejected')
  assert.equal(refused.length, 5)
  for (const { reason } of refused) status(409)(reason)
  const winner = some.find((one) => one.status === 'fulfilled')!
  await drop(winner.value.key)
})

test('whoever publishes to a project may; on a group its owners', async () => {
  const { reporter, developer, maintainer, owner, stranger } = people
  for (const [who, on, wanted] of [
    [stranger, project, 404],
    [reporter, project, 403],
    [stranger, group, 404],
    [developer, group, 403],
    [maintainer, group, 403],
  ] as const) {
    const title = `${who.username} ${on.kind}`
    await assert.rejects(create({ key: 'mine' }, on, who), status(wanted), title)
    await assert.rejects(drop('mine', on, who), status(wanted), title)
    const acting = await as(who)
    await assert.rejects(changeIndex(acting, on, format, 'mine', {}), status(wanted), title)
  }
  const nobody = { ...(await as(stranger)), principal: anonymous }
  await assert.rejects(createIndex(nobody, project, format, { key: 'mine' }), status(401))
  await assert.rejects(create({ key: 'mine' }, { kind: 'instance' }, owner), status(403))
  const root = await as(app.root, true)
  await createIndex(root, { kind: 'instance' }, format, { key: 'mine' })
  await deleteIndex(root, { kind: 'instance' }, format, 'mine')
  await create({ key: 'mine' }, group, owner)
  await drop('mine', group, owner)
})

test('what is set anew under a key is never taken for what was set before', async () => {
  const { read } = app.core.database
  const row = () => read.selectFrom('index_settings').selectAll().executeTakeFirstOrThrow()
  await create({ key: 'again', color: 'red' })
  await change('again', { color: 'blue' })
  const old = await row()
  await drop('again')
  app.clock.advance(1)
  await create({ key: 'again', color: 'red' })
  const { id, revision } = await row()
  assert.notDeepEqual([id, revision], [old.id, old.revision])
  await drop('again')
})

test('a place has a thousand at most', async () => {
  const now = app.core.clock()
  const { id } = (project as { project: { id: number } }).project
  const common = { project_id: id, group_id: null, format: 'generic', rule: 'suite', alias: null }
  const rows = Array.from({ length: 999 }, (_, at) => ({
    ...common,
    key: `k${at}`,
    settings: '{}',
    revision: now,
    created_at: now,
    updated_at: now,
  }))
  const { database } = app.core
  await database.write(async (db) => {
    for (let at = 0; at < rows.length; at += 50)
      await db
        .insertInto('index_settings')
        .values(rows.slice(at, at + 50))
        .execute()
  })
  await create({ key: 'last' })
  await assert.rejects(create({ key: 'beyond' }), status(400, /at most 1000/))
  assert.equal((await change('last', { color: 'red' })).settings.color, 'red')
  await database.write((db) => db.deleteFrom('index_settings').execute())
})
