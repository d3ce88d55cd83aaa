import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createTestApp } from '../../../test/app.ts'
import { authorize } from './authorize.ts'
import { anonymous, type Principal } from './principal.ts'
import { visibleGroups, visibleProjects } from './visible.ts'

it('sees in one query exactly what authorize allows one by one', async (t) => {
  const app = await createTestApp()
  t.after(() => app.close())
  const { core } = app
  const paths = ['a/private', 'a/b/deep', 'c/internal', 'd/public', 'e/pull', 'f/expired']
  for (const path of paths) {
    const visibility = path === 'c/internal' ? 'internal' : path === 'd/public' ? 'public' : 'private'
    await app.project(path, { visibility })
  }
  const open = { packages_access: 'public' } as const
  await core.database.write((db) =>
    db.updateTable('projects').set(open).where('full_path', '=', 'e/pull').execute(),
  )
  const people = {
    guest: await app.user('guest'),
    above: await app.user('above'),
    none: await app.user('none'),
  }
  await app.member(people.guest, 'a/private', 10)
  await app.member(people.above, 'a', 20)
  await app.member(people.none, 'f/expired', 50)
  await core.database.write((db) =>
    db
      .updateTable('members')
      .set({ expires_at: app.clock.now() - 1 })
      .where('user_id', '=', people.none.id)
      .execute(),
  )
  const principals: Principal[] = [
    anonymous,
    ...Object.values(people).map(
      ({ id, username }) => ({ kind: 'user', userId: id, username, admin: false }) as const,
    ),
    { kind: 'user', userId: app.root.id, username: 'root', admin: true },
  ]
  const projects = await core.database.read.selectFrom('projects').selectAll().execute()
  const seen: number[] = []
  for (const principal of principals) {
    const generation = await core.freshness.current()
    const allowed: string[] = []
    for (const project of projects) {
      const on = { kind: 'project', project } as const
      const see = await authorize(core, generation, principal, 'see', on)
      const read = await authorize(core, generation, principal, 'read_packages', on)
      if (see === 'allowed' || read === 'allowed') allowed.push(project.full_path)
    }
    const found = await visibleProjects(core, principal).select('projects.full_path').execute()
    assert.deepEqual(found.map((row) => row.full_path).toSorted(), allowed.toSorted())
    seen.push(found.length)
    const groups = await visibleGroups(core, principal).select('groups.full_path').execute()
    const above = new Set(
      allowed.flatMap((path) =>
        path
          .split('/')
          .slice(0, -1)
          .map((_, i) =>
            path
              .split('/')
              .slice(0, i + 1)
              .join('/'),
          ),
      ),
    )
    for (const path of above)
      assert.ok(
        groups.some((group) => group.full_path === path),
        path,
      )
  }
  assert.deepEqual(seen, [2, 4, 5, 3, 6])
})
