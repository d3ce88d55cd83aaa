import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Kysely } from 'kysely'
import { migrate } from './migrate.ts'
import { openConnection } from './sqlite/connection.ts'
import { sqliteDialect } from './sqlite/dialect.ts'
import { migrations } from './migrations/index.ts'

test('patterns that were reserved before are found by what a name must have, too', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'entrepot-anchors-'))
  const dialect = sqliteDialect(openConnection(join(dir, 'test.db'), false), { statements: 0 })
  const db = new Kysely<any>({ dialect })
  t.after(async () => {
    await db.destroy()
    await rm(dir, { recursive: true, force: true })
  })
  const before = Object.entries(migrations).filter(([name]) => name < '0016')
  await migrate(db, { migrations: Object.fromEntries(before) })
  const group = {
    name: 'g',
    path: 'g',
    full_path: 'g',
    description: '',
    visibility: 'private',
    created_at: 1,
  }
  await db
    .insertInto('groups')
    .values({ ...group, id: 1, root_id: 1 })
    .execute()
  const shapes = ['@Acme-/*', '*-Acme-', '*/acme.inside-/*', '*a*']
  const many = Array.from({ length: 1200 }, (_, at) => `many-${at}`)
  for (const pattern of [...shapes, ...many]) {
    await db
      .insertInto('name_reservations')
      .values({ group_id: 1, format: 'npm', pattern, created_at: 1 })
      .execute()
  }
  await migrate(db)
  const rows = await db.selectFrom('name_reservations').select(['pattern', 'anchor']).orderBy('id').execute()
  const anchors = rows.map(({ anchor }) => anchor)
  assert.deepEqual(anchors.slice(0, 4), ['^@acme-/', '$-acme-', '~/acme.in', '*'])
  assert.deepEqual(
    anchors.slice(4),
    many.map((pattern) => `^${pattern}`),
  )
})
