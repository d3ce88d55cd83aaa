/** What lists say of how many names there are counts those with a version that they show. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createTestApp, type TestApp } from '../../../test/app.ts'
import { countListedNames, countNamesOfProjects, formatsHeld, mostCountedOfEach } from './listed-names.ts'
import { insertPackages, insertProjects, type RowOfPackage } from './many-names.testing.ts'
import { listNames } from './name-lists.ts'
import { mostCounted } from './pages.ts'
import { projectQuery, type ProjectSet } from './project-sets.ts'

describe('listed names', () => {
  let app: TestApp
  let projects: number[] = []
  const formats = ['generic', 'npm', 'maven', 'none']

  before(async () => {
    app = await createTestApp()
    projects = await insertProjects(app.core.database, await app.group('many'), 5)
    const rows = [
      // Of each of these names one version is shown, and one is not.
      ...namesIn(0, 30).flatMap((row) => [row, { ...row, version: '2', status: 'hidden' as const }]),
      ...namesIn(0, 12, 'npm'),
      ...namesIn(1, 7).map((row) => ({ ...row, status: 'hidden' as const, format: 'maven' })),
      ...namesIn(2, mostCountedOfEach + 5),
      ...namesIn(3, mostCounted),
    ]
    await insertPackages(app.core.database, rows)
  })
  after(() => app.close())

  const namesIn = (project: number, count: number, format = 'generic') =>
    Array.from({ length: count }, (_, index): RowOfPackage => {
      const name = `name-${index}`
      return { projectId: projects[project]!, name, format, version: '1', createdAt: index }
    })
  const some = (...which: number[]) =>
    app.core.database.scan
      .selectFrom('projects')
      .select('projects.id')
      .where('projects.id', 'in', [-1, ...which.map((index) => projects[index]!)])

  it('are counted by project, up to a number', async () => {
    const counts = await countNamesOfProjects(app.core.database.scan, some(0, 1, 2, 4))
    const expected = [42, 0, mostCountedOfEach + 1, undefined, 0]
    assert.deepEqual(
      projects.map((id) => counts.get(id)),
      expected,
    )
  })

  it('are counted in all of some projects, of all formats or one', async () => {
    const { scan } = app.core.database
    const count = (of: ProjectSet, format?: string) => countListedNames(scan, of, format)
    assert.equal(await count(some(0, 1, 2)), 42 + mostCountedOfEach + 5)
    assert.equal(await count(some(0, 1, 2), 'npm'), 12)
    assert.equal(await count(some(0, 1), 'maven'), 0)
    assert.equal(await count(some(0, 3)), mostCounted + 1)
    assert.equal(await count(some(3)), mostCounted)
    assert.equal(await count(some()), 0)
    assert.equal(await count(projects[0]!), 42)
    assert.equal(await count(projects[0]!, 'npm'), 12)
    assert.equal(await count(projects[3]!), mostCounted)
  })

  it('tell which formats are held', async () => {
    const { scan } = app.core.database
    assert.deepEqual(await formatsHeld(scan, some(0, 1, 2), formats), ['generic', 'npm'])
    assert.deepEqual(await formatsHeld(scan, projects[1]!, formats), [])
    assert.deepEqual(await formatsHeld(scan, some(0), []), [])
  })

  const scopes: Readonly<Record<string, () => ProjectSet>> = {
    few: () => some(0, 1),
    'some thousand': () => some(0, 1, 2),
    'more than are counted': () => some(0, 1, 3),
    'those of a project': () => projects[3]!,
  }
  for (const [name, scope] of Object.entries(scopes)) {
    it(`are listed in the order of their last change: ${name}`, async () => {
      const { read, scan } = app.core.database
      const all = await read
        .selectFrom('names')
        .select('id')
        .where('project_id', 'in', projectQuery(read, scope()))
        .where('format', '<>', 'maven')
        .orderBy('changed_at', 'desc')
        .orderBy('id', 'desc')
        .execute()
      for (const offset of [0, 50, 500]) {
        const { rows, total } = await listNames(scan, { projects: scope() }, { offset, limit: 25 })
        const ids = rows.map((row) => row.name.id)
        assert.deepEqual(
          ids,
          all.slice(offset, offset + 25).map((row) => row.id),
        )
        assert.equal(total, Math.min(all.length, mostCounted + 1))
      }
    })
  }
})
