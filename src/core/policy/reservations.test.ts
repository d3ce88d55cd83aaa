import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestApp } from '../../../test/app.ts'
import { findGroup } from '../records/groups.ts'
import { insertReservation } from '../records/name-reservations.ts'
import { isReserved } from './reservations.ts'

test('a name is reserved by a pattern, or because it names the group, whatever its case', async (t) => {
  const app = await createTestApp()
  t.after(() => app.close())
  const { core } = app
  const acme = (await findGroup(core.database.read, (await app.group('acme')).id))!
  const other = (await findGroup(core.database.read, (await app.group('other')).id))!
  const wish = { groupId: acme.id, format: 'npm', pattern: 'Acme-*', projectId: null }
  await core.database.write((db) => insertReservation(db, wish, core.clock()))
  const generation = await core.freshness.current()
  const reserved: [format: string, name: string, ...groups: string[]][] = [
    ['npm', '@acme/web', 'acme'],
    ['npm', '@Acme/web', 'acme'],
    ['npm', '@other/web', 'other'],
    ['npm', '@acme-web/x'],
    ['npm', 'acme-web', 'acme'],
    ['npm', 'ACME-web', 'acme'],
    ['npm', 'web'],
    ['maven', 'acme/app/lib', 'acme'],
    ['maven', 'com/acme/lib'],
    ['generic', 'acme-web'],
  ]
  for (const [id, name, ...groups] of reserved) {
    const format = core.formats.get(id)!
    const found: string[] = []
    for (const root of [acme, other])
      if (await isReserved(core, generation, root.id, format, name)) found.push(root.path)
    assert.deepEqual(found, groups, `${id} ${name}`)
  }
})
