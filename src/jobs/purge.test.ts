import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createTestApp, type TestApp } from '../../test/app.ts'

let app: TestApp
before(async () => {
  app = await createTestApp()
})
after(() => app.close())

const day = 86_400_000
const stored = async () => {
  const found = await readdir(join(app.config.packages.storagePath, 'blobs'), {
    recursive: true,
    withFileTypes: true,
  })
  return found.filter((entry) => entry.isFile()).length
}
const count = async (table: 'packages' | 'files' | 'blobs' | 'tombstones') => {
  const row = await app.core.database.read
    .selectFrom(table)
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()
  return row.n
}

test('a removed package goes for good after its time, with the bytes that nothing else names', async () => {
  const { id } = await app.project('acme/files')
  const at = (path: string) => `/api/v4/projects/${id}/packages/generic/${path}`
  for (const path of ['tool/1/a', 'tool/2/a', 'tool/2/b']) {
    const body = path.endsWith('/a') ? 'same bytes' : 'other bytes'
    assert.equal((await app.root.put(at(path), body)).status, 201)
  }
  assert.deepEqual(
    [await count('packages'), await count('files'), await count('blobs'), await stored()],
    [2, 3, 2, 2],
  )

  for (const path of ['tool/2/a', 'tool/2/b']) assert.equal((await app.root.delete(at(path))).status, 204)
  await app.app.worker.drain()
  assert.equal(await count('packages'), 2, 'restorable')
  assert.equal((await app.root.get(at('tool/2/b'))).status, 404)

  app.clock.advance(8 * day)
  await app.app.worker.drain()
  assert.deepEqual(
    [await count('packages'), await count('files'), await count('blobs'), await stored()],
    [1, 1, 2, 2],
    'the bytes stay for a while',
  )
  app.clock.advance(3_600_001)
  await app.app.worker.drain()
  assert.deepEqual(
    [await count('packages'), await count('files'), await count('blobs'), await stored()],
    [1, 1, 1, 1],
  )
  assert.equal(await count('tombstones'), 1)
  assert.equal(await (await app.root.get(at('tool/1/a'))).text(), 'same bytes')
})
