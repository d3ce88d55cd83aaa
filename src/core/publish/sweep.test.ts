import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTestApp, type TestApp } from '../../../test/app.ts'
import { holdCollection, releaseHold } from '../records/collection-holds.ts'
import { sweepLeftovers } from './sweep.ts'

let app: TestApp
before(async () => {
  app = await createTestApp({ env: { ENTREPOT_PACKAGES__SWEEP_AFTER: '1s' } })
})
after(() => app.close())

const incoming = () => readdir(join(app.config.packages.storagePath, 'incoming'))

async function* slowly(pieces: number): AsyncGenerator<Uint8Array> {
  for (let piece = 0; piece < pieces; piece++) {
    yield Buffer.from('piece')
    await sleep(200)
  }
}

test('an upload that outlasts its time is refused before anybody could sweep it', async () => {
  const { id } = await app.project('acme/slow')
  const put = async (name: string, pieces: number) => {
    const reply = await fetch(`${app.url}/api/v4/projects/${id}/packages/generic/slow/1.0/${name}`, {
      method: 'PUT',
      headers: { 'private-token': app.root.token! },
      body: ReadableStream.from(slowly(pieces)),
      duplex: 'half',
    } as RequestInit)
    await reply.text()
    return reply.status
  }
  assert.deepEqual(await Promise.all([put('quick', 2), put('slow', 8)]), [201, 408])
  assert.deepEqual(await incoming(), [])
})

test('what nobody finished is removed by the hourly sweep, once it is old', async () => {
  const { key } = await app.core.blobs.write(slowly(1))
  app.clock.advance(3_600_001)
  await app.app.worker.drain()
  assert.equal((await app.core.blobs.read(key)).toString(), 'piece', 'it may still be at work')
  await sleep(1100)
  app.clock.advance(3_600_001)
  await app.app.worker.drain()
  assert.deepEqual(await incoming(), [])
})

test('nothing is swept while a backup holds collection', async () => {
  const { key } = await app.core.blobs.write(slowly(1))
  await sleep(1100)
  const hold = await app.core.database.write((db) => holdCollection(db, 'a backup'))
  const sweep = () => sweepLeftovers(app.core, app.config.packages.sweepAfter)
  assert.deepEqual(await sweep(), { kept: 0, deleted: 0 })
  assert.equal((await app.core.blobs.read(key)).toString(), 'piece')
  await app.core.database.write((db) => releaseHold(db, hold))
  assert.deepEqual(await sweep(), { kept: 0, deleted: 1 })
})
