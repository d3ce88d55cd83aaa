import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestApp, type TestApp } from '../../../test/app.ts'
import { anchorOf } from '../../database/pattern-anchor.ts'
import { matchesPattern } from '../access/patterns.ts'
import { inBatches } from '../records/batches.ts'
import { findGroup } from '../records/groups.ts'
import { insertReservation, reservationsNear } from '../records/name-reservations.ts'
import { isReserved, reservedAnywhere } from './reservations.ts'

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

/** For npm, below a group of their own; `isOld`: as servers wrote them that knew of no anchors. */
async function reserve({ core, group }: TestApp, patterns: readonly string[], isOld = false): Promise<void> {
  const { id } = await group('many')
  await core.database.write(async (db) => {
    for (const some of inBatches(patterns)) {
      const rows = some.map((pattern) => ({ group_id: id, format: 'npm', pattern, created_at: 1 }))
      const values = rows.map((row) => (isOld ? row : { ...row, anchor: anchorOf(row.pattern) }))
      await db.insertInto('name_reservations').values(values).execute()
    }
  })
}

test('of a hundred thousand reserved patterns those are read that may match a name', async (t) => {
  const app = await createTestApp()
  t.after(() => app.close())
  const { core } = app
  const shapes = ['@scope-#/*', 'exact-#', 'Begins-#-*', '*-ends-#', '*/#.inside/*']
  await reserve(
    app,
    Array.from({ length: 100_000 }, (_, at) => shapes[at % 5]!.replace('#', `n${at}n`)),
  )
  const names = [
    '@scope-n0n/web',
    'EXACT-n1n',
    'begins-n2n-x',
    'x-ends-n3n',
    'a/n4n.inside/b',
    'left-pad',
    'n5n',
  ]
  const generation = await core.freshness.current()
  for (const [at, name] of names.entries()) {
    const found = await reservedAnywhere(core, generation, core.formats.get('npm')!, [name])
    assert.deepEqual([...found], at < 5 ? [name] : [], name)
    const pages = await Array.fromAsync(reservationsNear(core.database.read, 'npm', [name]))
    assert.ok(pages.length === 1 && pages[0]!.length <= 2, `${name}: ${pages[0]!.length} rows`)
  }
})

test('many patterns, whatever their shape and case, reserve what they match', async (t) => {
  const app = await createTestApp()
  t.after(() => app.close())
  const { core } = app
  const letters = ['a', 'B', 'b', 'Σ', 'İ', '𝒳', '_', '%', 'c'.repeat(70)]
  const stars = ['*', '*', '*', ...letters]
  let seed = 1
  const below = (limit: number) =>
    Math.floor(((seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647) * limit)
  const text = (of: readonly string[]) =>
    Array.from({ length: 2 + below(7) }, () => of[below(of.length)]).join('')
  const patterns = new Set(Array.from({ length: 1500 }, () => text(stars)))
  const names = new Set(Array.from({ length: 100 }, () => text(letters)))
  // Those of one letter would leave little that is not reserved.
  const some = [...patterns].filter((pattern) => pattern.replaceAll('*', '').length > 2)
  assert.ok(some.length > 600)
  await reserve(app, some.slice(100))
  await reserve(app, some.slice(0, 100), true)
  const fold = (one: string) => Array.from(one, (character) => character.toLowerCase()).join('')
  const expected = [...names].filter((name) =>
    some.some((pattern) => matchesPattern(fold(pattern), fold(name))),
  )
  const generation = await core.freshness.current()
  const format = core.formats.get('npm')!
  const together = await reservedAnywhere(core, generation, format, [...names])
  assert.deepEqual([...together].toSorted(), expected.toSorted())
  assert.ok(expected.length > 10 && names.size - expected.length > 10)
  for (const name of names)
    assert.equal(
      (await reservedAnywhere(core, generation, format, [name])).has(name),
      together.has(name),
      name,
    )
})
