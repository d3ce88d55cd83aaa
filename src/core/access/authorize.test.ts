import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createTestApp, type TestApp } from '../../../test/app.ts'
import { findProject } from '../records/projects.ts'
import { authorize, type Decision } from './authorize.ts'
import { identify } from './credentials.ts'
import type { Principal } from './principal.ts'
import { hidesSome } from './readable.ts'
import { viewOf } from './view.ts'
import type { Permission } from './rights.ts'

let app: TestApp
const callers = new Map<string, Principal>()

before(async () => {
  app = await createTestApp()
  for (const visibility of ['private', 'internal', 'public'] as const) {
    await app.project(`top-${visibility}/one`, { visibility })
  }
  const roles = { guest: 10, reporter: 20, developer: 30, maintainer: 40, owner: 50 } as const
  for (const [name, role] of Object.entries(roles)) {
    const direct = await app.user(`${name}-direct`)
    const inherited = await app.user(`${name}-inherited`)
    for (const visibility of ['private', 'internal', 'public']) {
      await app.member(direct, `top-${visibility}/one`, role)
      await app.member(inherited, `top-${visibility}`, role)
    }
  }
  await app.user('stranger')
  const names = [
    ...Object.keys(roles).flatMap((role) => [`${role}-direct`, `${role}-inherited`]),
    'stranger',
    'root',
  ]
  for (const name of names) callers.set(name, await principalOf((await app.user(name)).token))
  callers.set('anonymous', await principalOf(undefined))
  const reader = await app.withScopes(await app.user('maintainer-direct'), 'read_package_registry')
  callers.set('maintainer, reading token', await principalOf(reader.token))
})
after(() => app.close())

async function principalOf(token: string | undefined): Promise<Principal> {
  const credential = token === undefined ? undefined : ({ token, carrier: 'private-token' } as const)
  return identify(app.core, await app.core.freshness.current(), credential)
}

async function projectOf(visibility: string) {
  const { id } = await app.project(`top-${visibility}/one`)
  return (await findProject(app.core.database.read, id))!
}

async function decide(caller: string, permission: Permission, visibility: string): Promise<Decision> {
  const project = await projectOf(visibility)
  const generation = await app.core.freshness.current()
  return authorize(app.core, generation, callers.get(caller)!, permission, { kind: 'project', project })
}

/** By hand: caller, permission, then the decision for a private, an internal and a public project. */
const expected: [caller: string, permission: Permission, ...decisions: [Decision, Decision, Decision]][] = [
  ['anonymous', 'see', 'hidden', 'hidden', 'allowed'],
  ['anonymous', 'read_packages', 'hidden', 'hidden', 'allowed'],
  ['anonymous', 'publish', 'hidden', 'hidden', 'refused'],
  ['stranger', 'see', 'hidden', 'allowed', 'allowed'],
  ['stranger', 'read_packages', 'hidden', 'allowed', 'allowed'],
  ['stranger', 'publish', 'hidden', 'refused', 'refused'],
  ['guest', 'see', 'allowed', 'allowed', 'allowed'],
  ['guest', 'read_packages', 'refused', 'allowed', 'allowed'],
  ['guest', 'publish', 'refused', 'refused', 'refused'],
  ['reporter', 'read_packages', 'allowed', 'allowed', 'allowed'],
  ['reporter', 'publish', 'refused', 'refused', 'refused'],
  ['developer', 'publish', 'allowed', 'allowed', 'allowed'],
  ['developer', 'delete_own', 'allowed', 'allowed', 'allowed'],
  ['developer', 'delete', 'refused', 'refused', 'refused'],
  ['maintainer', 'delete', 'allowed', 'allowed', 'allowed'],
  ['maintainer', 'admin_project', 'allowed', 'allowed', 'allowed'],
  ['maintainer', 'admin_instance', 'refused', 'refused', 'refused'],
  ['owner', 'admin_group', 'allowed', 'allowed', 'allowed'],
  ['owner', 'admin_instance', 'refused', 'refused', 'refused'],
  ['root', 'delete', 'allowed', 'allowed', 'allowed'],
  ['root', 'admin_instance', 'allowed', 'allowed', 'allowed'],
  ['maintainer, reading token', 'read_packages', 'allowed', 'allowed', 'allowed'],
  ['maintainer, reading token', 'publish', 'scope', 'scope', 'scope'],
  ['maintainer, reading token', 'delete', 'scope', 'scope', 'scope'],
]

test('who may do what on a project, directly and by inheritance', async () => {
  for (const [caller, permission, ...decisions] of expected) {
    const names = callers.has(caller) ? [caller] : [`${caller}-direct`, `${caller}-inherited`]
    for (const name of names) {
      for (const [index, visibility] of ['private', 'internal', 'public'].entries()) {
        const decision = await decide(name, permission, visibility)
        assert.equal(decision, decisions[index], `${name} ${permission} ${visibility}`)
      }
    }
  }
})

test('the view of many projects is the same decision as each on its own', async () => {
  const generation = await app.core.freshness.current()
  for (const [name, principal] of callers) {
    for (const visibility of ['private', 'internal', 'public']) {
      const project = await projectOf(visibility)
      const gathered = { kind: 'groups', groupIds: [project.group_id] } as const
      const view = await viewOf(app.core, generation, principal, gathered)
      const allowed = (await decide(name, 'read_packages', visibility)) === 'allowed'
      assert.deepEqual([...view.projectIds], allowed ? [project.id] : [], `${name} ${visibility}`)
      assert.equal(await hidesSome(app.core, principal, gathered), !allowed)
    }
  }
})

test('a private project may let anyone pull, and a switched-off registry nobody', async () => {
  const { id } = await app.project('top-private/one')
  const set = (packages_access: 'public' | 'disabled' | 'enabled') =>
    app.core.database.write((db) =>
      db.updateTable('projects').set({ packages_access }).where('id', '=', id).execute(),
    )
  await set('public')
  assert.equal(await decide('anonymous', 'read_packages', 'private'), 'allowed')
  assert.equal(await decide('anonymous', 'see', 'private'), 'hidden')
  await set('disabled')
  assert.equal(await decide('root', 'read_packages', 'private'), 'refused')
  assert.equal(await decide('root', 'publish', 'private'), 'refused')
  await set('enabled')
})

test('a role counts until it expires, without any write', async () => {
  const late = await app.user('late')
  await app.member(late, 'top-private/one', 20)
  const soon = app.clock.now() + 60_000
  await app.core.database.write((db) =>
    db.updateTable('members').set({ expires_at: soon }).where('user_id', '=', late.id).execute(),
  )
  callers.set('late', await principalOf(late.token))
  const project = await projectOf('private')
  const generation = await app.core.freshness.current()
  const view = () =>
    viewOf(app.core, generation, callers.get('late')!, { kind: 'groups', groupIds: [project.group_id] })
  assert.equal(await decide('late', 'read_packages', 'private'), 'allowed')
  assert.deepEqual([...(await view()).projectIds], [project.id])
  app.clock.advance(61_000)
  assert.equal(await decide('late', 'read_packages', 'private'), 'hidden')
  assert.deepEqual([...(await view()).projectIds], [])
  callers.delete('late')
})
