import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { extendHold, holdCollection, releaseHold } from '../core/records/collection-holds.ts'
import { noteReleased } from '../core/records/released-blobs.ts'
import { collect } from './collect.ts'

const day = 86_400_000

describe('collection', () => {
  let app: TestApp
  const blobs = () => app.core.database.read.selectFrom('blobs').selectAll().execute()
  before(async () => {
    app = await createTestApp({ env: { ENTREPOT_JOBS__IN_SERVER: 'false' } })
    await app.project('acme/app')
  })
  after(() => app.close())

  const run = () => collect.run(app.core, '', new AbortController().signal)

  /** Publishes and forgets a package: its blob is one that nothing names, older than the grace period. */
  async function leaveBlob(word: string): Promise<void> {
    const path = `/api/v4/projects/acme%2Fapp/packages/generic/tool/${word}/tool.bin`
    assert.equal((await app.root.put(path, word)).status, 201)
    await app.core.database.write(async (db) => {
      const packages = await db.selectFrom('packages').select('id').execute()
      await noteReleased(db, { packages: packages.map(({ id }) => id) }, app.clock.now())
      await db.deleteFrom('packages').execute()
    })
    app.clock.advance(2 * day)
  }

  test('waits while somebody holds it, and goes on when they let go', async () => {
    const { database } = app.core
    await leaveBlob('held')
    const hold = await database.write((db) => holdCollection(db, 'a test'))
    await run()
    assert.deepEqual(
      (await blobs()).map((blob) => blob.marked_at),
      [null],
    )
    assert.equal(await database.write((db) => extendHold(db, hold)), true)
    await database.write((db) => releaseHold(db, hold))
    app.clock.advance(2 * day)
    await run()
    assert.deepEqual(await blobs(), [])
    assert.equal(await database.write((db) => extendHold(db, hold)), false)
  })

  test('deletes no bytes of what was marked before somebody held it', async () => {
    const { database } = app.core
    await leaveBlob('marked')
    await database.write((db) => db.updateTable('blobs').set({ marked_at: 1 }).execute())
    const hold = await database.write((db) => holdCollection(db, 'a test'))
    await run()
    const [blob] = await blobs()
    assert.equal((await app.core.blobs.read(blob!.storage_key)).toString(), 'marked')
    await database.write((db) => releaseHold(db, hold))
  })

  test('does not wait for who held it and died', async () => {
    const { database } = app.core
    await leaveBlob('forgotten')
    const hold = await database.write((db) => holdCollection(db, 'a test'))
    await database.write((db) => db.updateTable('collection_holds').set({ expires_at: 1 }).execute())
    await run()
    assert.deepEqual(await blobs(), [])
    assert.equal(await database.write((db) => extendHold(db, hold)), false)
  })
})
