/** A search finds the same names with whatever it begins. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { sql } from 'kysely'
import { createTestApp, type TestApp } from '../../../test/app.ts'
import { countedPage } from './counted-page.ts'
import { insertPackages, type RowOfPackage } from './many-names.testing.ts'
import { beginningOf, firstNames, namesFrom } from './name-query.ts'

describe('names by a part', () => {
  let app: TestApp
  let mine: number[] = []

  before(async () => {
    app = await createTestApp()
    const ids: number[] = []
    for (const path of ['a', 'b', 'c']) ids.push((await app.project(`group/${path}`)).id)
    mine = ids.slice(0, 2)
    const rows = Array.from({ length: 300 }, (_, index): RowOfPackage => ({
      projectId: ids[index % 3]!,
      name: `${['Core', 'l-c', 'l.c', 'l0c', 'other'][index % 5]}-${index}`,
      format: index % 2 === 0 ? 'npm' : 'generic',
      version: '1',
      createdAt: index,
      status: index % 7 === 0 ? 'hidden' : 'default',
    }))
    await insertPackages(app.core.database, rows)
  })
  after(() => app.close())

  const filter = (search: string) => {
    const projects = app.core.database.read
      .selectFrom('projects')
      .select('projects.id')
      .where('projects.id', 'in', mine)
    return { projects, format: 'npm', search, isListed: true }
  }

  /** Numbers of names, by looking at each. */
  async function expected(search: string): Promise<number[]> {
    const rows = await app.core.database.read
      .selectFrom('names')
      .innerJoin('packages', 'packages.name_id', 'names.id')
      .select(['names.id', 'names.name'])
      .where('names.project_id', 'in', mine)
      .where('names.format', '=', 'npm')
      .where('packages.status', '=', 'default')
      .orderBy('names.name')
      .execute()
    return rows.filter((row) => row.name.toLowerCase().includes(search)).map((row) => row.id)
  }

  for (const search of ['core', 'l-c', 'l.c', 'l0c', 'e', 'nothing']) {
    it(`are the same with whatever the query begins: ${search}`, async () => {
      const { scan } = app.core.database
      const all = await expected(search)
      const beginnings =
        search.length < 3 ? (['projects', 'order'] as const) : (['part', 'projects', 'order'] as const)
      for (const beginning of beginnings) {
        const rows = await firstNames(scan, beginning, filter(search), 10).execute()
        assert.deepEqual(new Set(rows.map((row) => row.id)), new Set(all.slice(0, 10)), beginning)
        const names = namesFrom(scan, beginning, filter(search)).select(['names.id', 'names.name'])
        const place = sql.ref('found.name')
        const page = await countedPage(scan, names, { place, sort: 'asc', offset: 3, limit: 5 })
        assert.deepEqual(page, { count: all.length, ids: all.slice(3, 8) }, beginning)
      }
    })
  }

  it('are counted behind their end, too', async () => {
    const { scan } = app.core.database
    const names = namesFrom(scan, 'projects', filter('core')).select(['names.id', 'names.name'])
    const window = { place: sql.ref('found.name'), sort: 'desc', offset: 1000, limit: 5 } as const
    assert.deepEqual(await countedPage(scan, names, window), {
      count: (await expected('core')).length,
      ids: [],
    })
  })

  it('are not looked for by an index where it does not help', async () => {
    const { scan } = app.core.database
    for (const search of ['', 'e', 'co']) assert.notEqual(await beginningOf(scan, filter(search), 20), 'part')
    assert.equal(await beginningOf(scan, filter('')), 'projects')
  })
})
