/** Stored bytes that are not what was uploaded: found, never served, and repaired by uploading them again. */
import assert from 'node:assert/strict'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before, it } from 'node:test'
import { verifyStored } from '../../src/core/bytes/verify.ts'
import { sampleBody } from '../../src/formats/npm/samples.ts'
import { createTestApp, type TestApp } from '../app.ts'

let app: TestApp
let packages: string
before(async () => {
  app = await createTestApp({ env: { ENTREPOT_PACKAGES__VERIFY_READS: '100%' } })
  packages = `/api/v4/projects/${(await app.project('acme/app')).id}/packages`
})
after(() => app.close())
afterEach(async () => {
  app.clock.advance(3_600_001)
  await app.app.worker.drain()
  app.errors.length = 0
})

const put = (path: string, body: string | Buffer) => app.root.put(`${packages}/${path}`, body)
const verify = () => verifyStored(app.core, { sample: 1, fromStart: false, onProgress: () => {} })
const npmBody = JSON.stringify(sampleBody({ name: 'tiny', version: '1.0.0', content: 'tiny' }))
const npmPut = () => app.root.put(`${packages}/npm/tiny`, npmBody, { 'content-type': 'application/json' })
const read = async (path: string) => {
  const reply = await app.root.get(`${packages}/${path}`)
  return { status: reply.status, text: await reply.text() }
}

/** Where the newest blob lies. */
async function newest(): Promise<string> {
  const row = await app.core.database.read
    .selectFrom('blobs')
    .select('storage_key')
    .where('marked_at', 'is', null)
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow()
  return join(app.config.packages.storagePath, 'blobs', row.storage_key)
}

async function stored(): Promise<number> {
  const root = join(app.config.packages.storagePath, 'blobs')
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).length
}

async function damage(path: string): Promise<void> {
  const bytes = await readFile(path)
  bytes[bytes.length - 1]! ^= 1
  await writeFile(path, bytes)
}

it('verification finds damaged and missing bytes; uploading the same file again repairs it', async () => {
  assert.equal((await npmPut()).status, 201)
  await damage(await newest())
  assert.equal((await put('generic/tool/1/gone', 'gone bytes')).status, 201)
  await rm(await newest())
  assert.equal((await put('generic/tool/1/good', 'good bytes')).status, 201)

  const { checked, damaged } = await verify()
  assert.deepEqual([checked, damaged], [3, 2])
  const npm = await read('npm/tiny/-/tiny-1.0.0.tgz')
  assert.equal(npm.status, 500)
  assert.match(JSON.parse(npm.text).error, /tiny-1\.0\.0\.tgz are damaged/)
  assert.match((await read('generic/tool/1/gone')).text, /tool\/1\/gone are damaged/)
  assert.equal((await read('generic/tool/1/good')).text, 'good bytes')

  assert.equal((await npmPut()).status, 201)
  assert.equal((await put('generic/tool/1/gone', 'gone bytes')).status, 201)
  assert.equal((await read('npm/tiny/-/tiny-1.0.0.tgz')).status, 200)
  assert.equal((await read('generic/tool/1/gone')).text, 'gone bytes')
  assert.equal((await verify()).damaged, 0)
  app.clock.advance(3_600_001)
  await app.app.worker.drain()
  assert.equal(await stored(), 3, 'the damaged bytes are deleted')
})

it('bytes that come back, as when a disk is mounted again, count as whole', async () => {
  assert.equal((await put('generic/tool/2/file', 'some bytes')).status, 201)
  const path = await newest()
  await rm(path)
  assert.equal((await verify()).damaged, 1)
  await writeFile(path, 'some bytes')
  const { damaged, repaired } = await verify()
  assert.deepEqual([damaged, repaired], [0, 1])
  assert.equal((await read('generic/tool/2/file')).text, 'some bytes')
})

it('a download of damaged bytes never ends as if it were whole', async () => {
  const big = Buffer.alloc(3_000_000, 'big')
  assert.equal((await put('generic/tool/3/big', big)).status, 201)
  await damage(await newest())
  await assert.rejects(async () => (await app.root.get(`${packages}/generic/tool/3/big`)).arrayBuffer())
  assert.match((await read('generic/tool/3/big')).text, /tool\/3\/big are damaged/)
  assert.equal((await put('generic/tool/3/big', big)).status, 201)
  assert.equal((await read('generic/tool/3/big')).text.length, big.length)
})

it('nor one of a small file that changed on disk', async () => {
  assert.equal((await put('generic/tool/4/small', 'small 4')).status, 201)
  await damage(await newest())
  assert.equal((await read('generic/tool/4/small')).status, 500)
  assert.match((await read('generic/tool/4/small')).text, /tool\/4\/small are damaged/)
  assert.equal((await put('generic/tool/4/small', 'small 4')).status, 201)
  assert.equal((await read('generic/tool/4/small')).text, 'small 4')
})

it('bytes that changed in memory are read from storage again', async () => {
  assert.equal((await put('generic/tool/5/small', 'small 5')).status, 201)
  assert.equal((await read('generic/tool/5/small')).status, 200)
  const { storage_key: storageKey, sha256 } = await app.core.database.read
    .selectFrom('blobs')
    .select(['storage_key', 'sha256'])
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow()
  const bytes = await app.core.files.read({ storageKey, sha256 })
  bytes[0]! ^= 1
  assert.equal((await read('generic/tool/5/small')).text, 'small 5')
})

it('an interrupted verification goes on where it was', async () => {
  let calls = 0
  const stop = () => {
    if (++calls > 1) throw new Error('interrupted')
  }
  await assert.rejects(
    verifyStored(app.core, { sample: 1, fromStart: false, onProgress: stop }),
    /interrupted/,
  )
  const all = await app.core.database.read.selectFrom('blobs').select('id').execute()
  const starts: number[] = []
  const { checked } = await verifyStored(app.core, {
    sample: 1,
    fromStart: false,
    onProgress: (state) => void starts.push(state.checked),
  })
  assert.ok(starts[0]! > 0)
  assert.equal(checked, all.length)
  assert.equal((await verify()).checked, all.length, 'a finished one begins anew')
})
