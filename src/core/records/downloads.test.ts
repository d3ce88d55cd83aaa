import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createTestApp, type TestApp } from '../../../test/app.ts'
import { ask } from '../../../test/ask.ts'
import { createDownloads, foldDownloads } from './downloads.ts'

let app: TestApp
before(async () => {
  app = await createTestApp()
  await app.project('acme/app')
})
after(() => app.close())

const dayMs = 86_400_000
const at = '/api/v4/projects/acme%2Fapp/packages'

async function publish(version: string): Promise<{ id: number; address: string }> {
  const address = `${at}/generic/tool/${version}/file.bin`
  assert.equal((await app.root.put(address, 'some bytes')).status, 201)
  const listed = await app.root.json('GET', `${at}?package_version=${version}`)
  return { id: listed[0].id, address }
}
const countsOf = async (id: number) =>
  (await ask(app.root, `GET /projects/acme%2Fapp/packages/${id}/downloads`)).body
const flush = () => app.core.downloads.flush(app.core.database)
const today = () => new Date(app.clock.now()).toISOString().slice(0, 10)

test('downloads are counted without a write, by day; looks, resumptions and what is unchanged are not', async () => {
  const { id, address } = await publish('1.0')
  const first = await app.root.get(address)
  for (let count = 0; count < 2; count++) await (await app.root.get(address)).arrayBuffer()
  assert.equal((await app.root.request('HEAD', address)).status, 200)
  assert.equal((await app.root.get(address, { range: 'bytes=0-3' })).status, 206)
  assert.equal((await app.root.get(address, { range: 'bytes=4-' })).status, 206)
  assert.equal((await app.root.get(address, { 'if-none-match': first.headers.get('etag')! })).status, 304)
  assert.deepEqual(await countsOf(id), { package_id: id, total: 0, days: [] })
  await flush()
  assert.deepEqual(await countsOf(id), { package_id: id, total: 4, days: [{ date: today(), downloads: 4 }] })
  const page = await app.core.database.read
    .selectFrom('packages')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst()
  assert.ok(page!.last_downloaded_at! <= app.clock.now())
})

test('what several nodes count adds up, and what was removed meanwhile does no harm', async () => {
  const { id } = await publish('2.0')
  const nodes = [createDownloads(), createDownloads()]
  for (const node of nodes) {
    for (let count = 0; count < 500; count++) node.note(id, app.clock.now())
    node.note(999_999, app.clock.now())
  }
  await Promise.all(nodes.map((node) => node.flush(app.core.database)))
  assert.equal((await countsOf(id)).total, 1000)
})

test('what cannot be written now is written the next time', async () => {
  const { id } = await publish('3.0')
  const node = createDownloads()
  node.note(id, app.clock.now())
  const broken = { ...app.core.database, write: () => Promise.reject(new Error('gone')) }
  await assert.rejects(node.flush(broken), /gone/)
  node.note(id, app.clock.now())
  await node.flush(app.core.database)
  assert.equal((await countsOf(id)).total, 2)
})

test('days that are long past are added up, however often that is done', async () => {
  const { id } = await publish('4.0')
  const node = createDownloads()
  for (const daysAgo of [200, 100, 1]) {
    node.note(id, app.clock.now() - daysAgo * dayMs)
    await node.flush(app.core.database)
  }
  const fold = () => app.core.database.write((db) => foldDownloads(db, app.clock.now()))
  await fold()
  await fold()
  const { total, days } = await countsOf(id)
  assert.deepEqual([total, days.length], [3, 1])
  const rows = await app.core.database.read
    .selectFrom('package_downloads')
    .selectAll()
    .where('package_id', '=', id)
    .execute()
  assert.deepEqual(rows.map(({ day, count }) => [day === 0, count]).toSorted(), [
    [false, 1],
    [true, 2],
  ])
})

test('a package that is purged takes its counts along', async () => {
  const { id } = await publish('5.0')
  app.core.downloads.note(id, app.clock.now())
  await flush()
  assert.equal((await app.root.delete(`${at}/${id}?purge=true`)).status, 204)
  const left = await app.core.database.read
    .selectFrom('package_downloads')
    .selectAll()
    .where('package_id', '=', id)
    .execute()
  assert.deepEqual(left, [])
})
