import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createTestApp, type TestApp } from '../../../test/app.ts'
import type { ProjectRow } from '../../database/schema.ts'
import { findProject } from '../records/projects.ts'
import { insertProtectionRule, type Protection } from '../records/protection-rules.ts'
import { demandName } from './names.ts'
import type { Machine, Principal } from './principal.ts'

let app: TestApp
let project: ProjectRow
const callers = new Map<string, Principal>()

before(async () => {
  app = await createTestApp()
  const { id } = await app.project('acme/app')
  project = (await findProject(app.core.database.read, id))!
  const people = { developer: 30, maintainer: 40, owner: 50 } as const
  for (const [name, role] of Object.entries(people)) {
    const actor = await app.user(name)
    await app.member(actor, 'acme', role)
    const { username } = actor
    callers.set(name, { kind: 'user', userId: actor.id, username, admin: false })
    const token = { id: 1, scopes: ['api'] as const }
    for (const what of ['project_token', 'group_token', 'deploy_token', 'job_token'] as const) {
      const at: Machine['at'] = what === 'group_token' ? { groupId: project.group_id } : { projectId: id }
      callers.set(`${name} ${what}`, { kind: 'machine', what, username: what, token, at, role })
    }
  }
  callers.set('admin', { kind: 'user', userId: app.root.id, username: 'root', admin: true })
})
after(() => app.close())

async function withRule(name: string, rule: Partial<Protection>): Promise<string[]> {
  const { core } = app
  const nothing = { push_level: null, delete_level: null, only_by: null }
  const on = { project_id: project.id, format: 'npm', pattern: `${name}*` }
  await core.database.write((db) => insertProtectionRule(db, { ...nothing, ...rule, ...on }, core.clock()))
  const generation = await core.freshness.current()
  const passed: string[] = []
  for (const [caller, principal] of callers) {
    const work = demandName(core, generation, principal, 'publish', {
      project,
      format: 'npm',
      key: `${name}-x`,
    })
    const refusal = await work.then(
      () => undefined,
      (error: unknown) => error as { status: number; code: string; message: string },
    )
    if (!refusal) passed.push(caller)
    else
      assert.deepEqual(
        [refusal.status, refusal.code, refusal.message],
        [403, 'protected', 'Package protected.'],
      )
    await demandName(core, generation, principal, 'publish', { project, format: 'npm', key: `zzz-${name}` })
    await demandName(core, generation, principal, 'publish', { project, format: 'maven', key: `${name}-x` })
  }
  return passed.toSorted()
}

test('a rule asks for a role on the project, whatever holds it, but deploy tokens never satisfy one', async () => {
  assert.deepEqual(await withRule('m', { push_level: 40 }), [
    'admin',
    'maintainer',
    'maintainer group_token',
    'maintainer job_token',
    'maintainer project_token',
    'owner',
    'owner group_token',
    'owner job_token',
    'owner project_token',
  ])
  assert.deepEqual(await withRule('o', { push_level: 50 }), [
    'admin',
    'owner',
    'owner group_token',
    'owner job_token',
    'owner project_token',
  ])
  assert.deepEqual(await withRule('a', { push_level: 60 }), ['admin'])
  assert.equal((await withRule('d', { delete_level: 60 })).length, callers.size)
})

test('only jobs pass where only trusted publishers may, administrators neither', async () => {
  const jobs = ['developer job_token', 'maintainer job_token', 'owner job_token']
  assert.deepEqual(await withRule('t', { only_by: 'trusted_publishers' }), jobs)
  assert.deepEqual(await withRule('u', { only_by: 'trusted_publishers', push_level: 50 }), [
    'owner job_token',
  ])
})

test('of several matching rules each must be satisfied', async () => {
  await withRule('both', { push_level: 40 })
  assert.deepEqual(await withRule('both-', { push_level: 60 }), ['admin'])
})
