import type { PlaceOf } from './places.ts'
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createTestApp, type TestApp } from '../../../test/app.ts'
import {
  findUpstream,
  insertUpstream,
  nearestUpstreams,
  orderUpstreams,
  retireUpstream,
  setInheritance,
  updateUpstream,
  upstreamsOf,
  type UpstreamValues,
} from './upstreams.ts'

let app: TestApp
before(async () => {
  app = await createTestApp()
})
after(() => app.close())

const plain: UpstreamValues = {
  format: 'tiny',
  position: 1,
  name: '',
  url: 'https://upstream.example',
  username: null,
  credential: null,
  ttlMs: 600_000,
  include: [],
  exclude: [],
  keepDaysUnused: null,
  maxBytes: null,
  anonymousFill: false,
  offline: false,
  mixes: false,
  source: 'hand',
}
const add = (place: PlaceOf, name: string, values: Partial<UpstreamValues> = {}) =>
  app.core.database.write((db) => insertUpstream(db, place, { ...plain, name, ...values }, app.clock.now()))
const namesOf = (found: readonly { readonly name: string }[]) => found.map(({ name }) => name)

test('an upstream is read as it was written, in its place only', async () => {
  const { database } = app.core
  const { id: projectId } = await app.project('rows/app')
  const { id: groupId } = await app.group('rows')
  const values: UpstreamValues = {
    ...plain,
    format: 'rows',
    name: 'mirror',
    username: 'bot',
    credential: 'sealed',
    ttlMs: 5000,
    include: ['@acme/*'],
    exclude: ['*-internal', 'x'],
    keepDaysUnused: 30,
    maxBytes: 20_000_000_000,
    anonymousFill: true,
    offline: true,
    mixes: true,
    source: 'configuration',
  }
  const made = await add({ projectId }, 'mirror', values)
  const { id, createdAt, updatedAt, ...told } = made
  assert.deepEqual(told, { ...values, groupId: null, projectId })
  assert.deepEqual(await upstreamsOf(database.read, { projectId }, 'rows'), [made])
  assert.deepEqual(await upstreamsOf(database.read, { projectId }, 'other'), [])
  assert.deepEqual(await upstreamsOf(database.read, { groupId }), [])
  assert.deepEqual(await upstreamsOf(database.read, 'instance', 'rows'), [])
  assert.equal(await findUpstream(database.read, { groupId }, id), undefined)
  const change = { offline: false, maxBytes: null, include: [] }
  const changed = await database.write((db) => updateUpstream(db, id, change, createdAt + 1))
  assert.deepEqual(changed, { ...made, ...change, updatedAt: updatedAt + 1 })
  await database.write((db) => retireUpstream(db, id, app.clock.now()))
  assert.deepEqual(await upstreamsOf(database.read, { projectId }), [])
  assert.equal(await findUpstream(database.read, { projectId }, id), undefined)
})

test('they are asked in the order of their positions', async () => {
  const { database } = app.core
  const { id: groupId } = await app.group('ordered')
  const first = await add({ groupId }, 'first')
  const second = await add({ groupId }, 'second', { position: 2 })
  assert.deepEqual(namesOf(await upstreamsOf(database.read, { groupId }, 'tiny')), ['first', 'second'])
  await database.write((db) => orderUpstreams(db, [second, first]))
  const found = await upstreamsOf(database.read, { groupId }, 'tiny')
  assert.deepEqual(
    found.map(({ name, position }) => [name, position]),
    [
      ['second', 1],
      ['first', 2],
    ],
  )
  assert.deepEqual(namesOf(await nearestUpstreams(database.read, groupId, 'tiny')), ['second', 'first'])
})

test('a group asks the nearest level that has any, and nobody above a stop', async () => {
  const { database } = app.core
  const { id: top } = await app.group('near')
  const { id: middle } = await app.group('near/middle')
  const { id: leaf } = await app.group('near/middle/leaf')
  const nearest = async (groupId: number) => namesOf(await nearestUpstreams(database.read, groupId, 'levels'))
  const levels = { format: 'levels' }
  assert.deepEqual(await nearest(leaf), [])
  await add('instance', 'all', levels)
  assert.deepEqual(await nearest(leaf), ['all'])
  await add({ groupId: top }, 'top', levels)
  await add({ groupId: (await app.group('nearby')).id }, 'elsewhere', levels)
  await add({ projectId: (await app.project('near/middle/leaf/app')).id }, 'app', levels)
  assert.deepEqual(await nearest(leaf), ['top'])
  await database.write((db) => setInheritance(db, middle, 'levels', false))
  await database.write((db) => setInheritance(db, middle, 'levels', false))
  assert.deepEqual(await nearest(leaf), [])
  assert.deepEqual(await nearest(middle), [])
  assert.deepEqual(await nearest(top), ['top'])
  assert.deepEqual(namesOf(await nearestUpstreams(database.read, leaf, 'tiny')), [])
  const own = await add({ groupId: middle }, 'own', levels)
  assert.deepEqual(await nearest(leaf), ['own'])
  await database.write((db) => retireUpstream(db, own.id, app.clock.now()))
  assert.deepEqual(await nearest(leaf), [])
  await database.write((db) => setInheritance(db, middle, 'levels', true))
  assert.deepEqual(await nearest(leaf), ['top'])
})
