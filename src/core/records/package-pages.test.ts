/** Pages of packages are the same however they are found. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { sql } from 'kysely'
import { createTestApp, type TestApp } from '../../../test/app.ts'
import { firstOfMany } from './first-of-many.ts'
import { insertPackages, type RowOfPackage } from './many-names.testing.ts'
import { pageOfPackages, type PackageWindow } from './package-pages.ts'
import { displayable } from './packages.ts'

describe('pages of packages', () => {
  let app: TestApp
  const projects: number[] = []
  const names = [
    'Left-Pad',
    'left_pad',
    'left%pad',
    'quo"te',
    "apos'trophe",
    'ab',
    'back\\slash',
    'ünï-code',
    '日本語-x',
  ]

  before(async () => {
    app = await createTestApp()
    for (const path of ['a', 'b', 'c', 'd']) projects.push((await app.project(`group/${path}`)).id)
    const rows: RowOfPackage[] = []
    for (let index = 0; index < 400; index++) {
      rows.push({
        projectId: projects[(index * index) % 4]!,
        name: names[index % names.length]!,
        format: 'generic',
        version: `1.${index}`,
        // Many at the same moment: then their numbers decide.
        createdAt: 1000 - (index % 7),
        status: index % 11 === 0 ? 'hidden' : 'default',
      })
    }
    await insertPackages(app.core.database, rows)
  })
  after(() => app.close())

  const all = () =>
    app.core.database.read.selectFrom('projects').select('projects.id').where('projects.id', 'in', projects)

  it('begin with the first rows of each project as if all were sorted', async () => {
    for (const column of ['created_at', 'id'] as const) {
      for (const sort of ['asc', 'desc'] as const) {
        const where = sql`packages.status = 'default'`
        const many = { owners: all(), table: 'packages', owner: 'project_id', where, column, sort } as const
        const sorted = await app.core.database.read
          .selectFrom('packages')
          .select('id')
          .where('status', '=', 'default')
          .orderBy(column, sort)
          .orderBy('id', sort)
          .limit(50)
          .execute()
        assert.deepEqual(
          await firstOfMany(app.core.database.read, many, 50),
          sorted.map((row) => row.id),
          `${column} ${sort}`,
        )
      }
    }
  })

  it('hold each package once, in every order', async () => {
    const filter = { projects: all(), statuses: displayable }
    for (const order of ['id', 'created_at', 'name', 'version', 'type', 'project_path'] as const) {
      const seen: number[] = []
      for (let offset = 0; offset < 400; offset += 90) {
        const window: PackageWindow = { order, sort: 'desc', offset, limit: 90 }
        const page = await pageOfPackages(app.core.database.scan, filter, window)
        for (const { id } of page.items) seen.push(id)
        assert.equal(page.total, 363)
        assert.equal(page.more, offset + 90 < 363)
      }
      assert.equal(new Set(seen).size, 363, order)
    }
  })

  it('are found by any part of the name, whatever it is made of', async () => {
    const parts = [
      'left',
      'T-P',
      '_pad',
      '%pa',
      '"te',
      "s't",
      'ab',
      'b',
      '\\sl',
      'ï-c',
      '本語',
      '日本語-',
      'no such',
      '""',
      '*',
      'a AND b',
    ]
    for (const part of parts) {
      const found = await pageOfPackages(
        app.core.database.scan,
        { projects: all(), statuses: ['default', 'hidden'], name: part },
        { order: 'id', sort: 'asc', offset: 0, limit: 500 },
      )
      const expected = names.filter((name) => name.toLowerCase().includes(part.toLowerCase()))
      assert.deepEqual(
        [...new Set(found.items.map((item) => item.name))].toSorted(),
        expected.toSorted(),
        part,
      )
    }
  })
})
