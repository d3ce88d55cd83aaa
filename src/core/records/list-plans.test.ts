/** Lists stay quick however many rows there are: no statement of theirs looks through a table that grows. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kysely } from 'kysely'
import type { Db } from '../../database/database.ts'
import type { Schema } from '../../database/schema.ts'
import { sqliteDialect } from '../../database/sqlite/dialect.ts'
import { openSqlite } from '../../database/sqlite/open.ts'
import { pageOfGroupEvents } from './event-pages.ts'
import { pageOfGroupNames } from './group-names.ts'
import { countListedNames, countNamesOfProjects, formatsHeld } from './listed-names.ts'
import { insertPackages } from './many-names.testing.ts'
import { listNames } from './name-lists.ts'
import { pageOfPackages } from './package-pages.ts'
import { displayable, newestOfNames, packagesOfName, listed } from './packages.ts'
import type { ProjectQuery } from './project-sets.ts'

/** Tables that a million packages make large. */
const growing = ['names', 'packages', 'files', 'blobs', 'events', 'tags', 'tombstones', 'entries']
const window = { order: 'created_at', sort: 'asc', offset: 0, limit: 20 } as const

describe('the statements of lists', () => {
  let dir = ''
  let connection: DatabaseSync
  let db: Db
  const plans: { readonly sql: string; readonly steps: readonly string[] }[] = []

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'entrepot-plans-'))
    const path = join(dir, 'test.db')
    const database = await openSqlite(path)
    await fillIn(database)
    await database.close()
    connection = new DatabaseSync(path)
    db = new Kysely<Schema>({
      dialect: sqliteDialect(connection, { statements: 0 }),
      log({ query }) {
        const parameters = query.parameters as readonly SQLInputValue[]
        const steps = connection.prepare(`explain query plan ${query.sql}`).all(...parameters)
        plans.push({ sql: query.sql, steps: steps.map((step) => String(step['detail'])) })
      },
    })
  })
  after(async () => {
    await db.destroy()
    await rm(dir, { recursive: true, force: true })
  })

  /** More than ten thousand packages, since short lists are read in another way. */
  async function fillIn(database: Awaited<ReturnType<typeof openSqlite>>): Promise<void> {
    await database.write(async (trx) => {
      const owner = { name: 'x', path: 'x', full_path: 'x', visibility: 'private', created_at: 1 } as const
      await trx
        .insertInto('groups')
        .values({ ...owner, id: 1, root_id: 1, description: '' })
        .execute()
      await trx.insertInto('group_tree').values({ ancestor_id: 1, group_id: 1 }).execute()
      for (const id of [1, 2]) {
        const row = {
          ...owner,
          id,
          group_id: 1,
          root_id: 1,
          description: '',
          packages_access: 'enabled',
        } as const
        await trx.insertInto('projects').values(row).execute()
      }
    })
    const rows = Array.from({ length: 10_200 }, (_, index) => ({
      projectId: 1 + (index % 2),
      name: `name-${index}`,
      format: 'generic',
      version: '1',
      createdAt: index,
    }))
    await insertPackages(database, rows)
  }

  const all = (): ProjectQuery => db.selectFrom('projects').select('projects.id').where('group_id', '=', 1)
  const filter = (more: object = {}) => ({ projects: all(), statuses: displayable, ...more })

  const lists: Readonly<Record<string, () => Promise<unknown>>> = {
    'packages of a project': () => pageOfPackages(db, filter({ projects: 1 }), window),
    'packages of a group': () => pageOfPackages(db, filter(), window),
    'packages of a group by number': () => pageOfPackages(db, filter(), { ...window, order: 'id', after: 5 }),
    'packages of a group of one format': () => pageOfPackages(db, filter({ format: 'generic' }), window),
    'packages by a rare part of the name': () => pageOfPackages(db, filter({ name: 'me-777' }), window),
    'packages by a frequent part of the name': () => pageOfPackages(db, filter({ name: 'name' }), window),
    'packages by two letters of the name': () => pageOfPackages(db, filter({ name: 'na' }), window),
    'names of a group by a rare part': () =>
      pageOfGroupNames(db, 1, { projects: all(), search: 'me-777' }, window),
    'names on the web': () => listNames(db, { projects: all() }, window),
    'names of a project on the web': () => listNames(db, { projects: 1 }, window),
    'the formats of a group': () => formatsHeld(db, all(), ['generic', 'none']),
    'how many names projects list': () => countNamesOfProjects(db, all()),
    'names on the web by a part': () => listNames(db, { projects: all(), search: 'na' }, window),
    'what happened in a group': () => pageOfGroupEvents(db, 1, {}, { ...window, sort: 'desc' }),
    'the newest packages of names': () => newestOfNames(db, [1, 2], listed, 5),
    'a stretch of the packages of a name': () => packagesOfName(db, 1, listed, { after: 3, limit: 10 }),
  }
  for (const [name, list] of Object.entries(lists)) {
    it(`use an index: ${name}`, async () => {
      plans.length = 0
      await list()
      assert.ok(plans.length > 0)
      for (const { sql, steps } of plans) {
        const scans = steps.filter((step) =>
          growing.some((table) => new RegExp(`^SCAN ${table}\\b`).test(step)),
        )
        assert.deepEqual(scans, [], `${sql}\n${steps.join('\n')}`)
      }
    })
  }

  it('count names by the index that is made for it', async () => {
    const counts = [
      () => countListedNames(db, all()),
      () => countListedNames(db, 1, 'generic'),
      () => countNamesOfProjects(db, all()),
    ]
    for (const count of counts) {
      plans.length = 0
      await count()
      const ofPackages = plans.flatMap(({ steps }) => steps).filter((step) => /\bpackages\b/.test(step))
      assert.equal(ofPackages.length, 1)
      assert.match(ofPackages[0]!, /USING (COVERING )?INDEX packages_listed/)
    }
  })

  it('read names in their order where so many fit that some are found soon', async () => {
    plans.length = 0
    await pageOfGroupNames(db, 1, { projects: all() }, window)
    const inOrder = plans.filter(({ steps }) => steps.some((step) => step.includes('names_in_order')))
    assert.equal(inOrder.length, 1)
    assert.deepEqual(
      inOrder[0]!.steps.filter((step) => step.includes('ORDER BY')),
      [],
      'nothing is sorted',
    )
  })
})
