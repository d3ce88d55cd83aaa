import assert from 'node:assert/strict'
import { mkdtemp, mkdir, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { Problem } from '../lib/problem.ts'
import { StartRefused } from '../lib/start-refused.ts'
import { blobStoreSuite } from './blob-store.suite.ts'
import type { StorePlace } from './blob-store.suite.ts'
import { withDisk } from './file-errors.ts'
import { openLocalStore } from './local.ts'

async function temporaryDirectory(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'entrepot-local-store-'))
  t.after(() => rm(path, { recursive: true }))
  return path
}

async function files(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

async function localPlace(t: TestContext, hardLinks: boolean | undefined): Promise<StorePlace> {
  const root = join(await temporaryDirectory(t), 'packages')
  return { open: () => openLocalStore(root, { hardLinks }), everything: () => files(root).catch(() => []) }
}

async function* one(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

blobStoreSuite('local store', (t) => localPlace(t, undefined))
blobStoreSuite('local store without hard links', (t) => localPlace(t, false))

describe('local store on disk', () => {
  it('lets nobody else read the bytes, and writes one file of them', async (t) => {
    const root = await temporaryDirectory(t)
    const store = await openLocalStore(root)
    const { key } = await store.write(one('secret'))
    assert.equal((await stat(join(root, 'blobs', key))).mode & 0o777, 0o600)
    await store.keep(key)
    assert.deepEqual(await files(root), [join(root, 'blobs', key)])
  })

  it('removes half-written bytes of an earlier run and leaves foreign files alone', async (t) => {
    const root = await temporaryDirectory(t)
    await mkdir(join(root, 'incoming'))
    const half = join(root, 'incoming', 'ab'.repeat(16))
    const mark = join(root, 'incoming', `${'cd'.repeat(16)}.mark`)
    const foreign = join(root, 'incoming', 'lost+found.txt')
    for (const path of [half, mark, foreign]) await writeFile(path, 'x')
    const store = await openLocalStore(root)
    assert.deepEqual(await Array.fromAsync(store.leftovers({ olderThanMs: 0 })), [])
    assert.deepEqual(await files(root), [foreign])
  })

  it('does not touch what another process is writing', async (t) => {
    const root = await temporaryDirectory(t)
    const store = await openLocalStore(root)
    const path = join(root, 'incoming', 'ab'.repeat(16))
    await writeFile(path, 'x')
    const later = new Date(Date.now() + 1000)
    await utimes(path, later, later)
    assert.deepEqual(await Array.fromAsync(store.leftovers({ olderThanMs: 0 })), [])
    assert.deepEqual(await files(root), [path])
  })

  it('finds the marks of the other kind when hard links come or go', async (t) => {
    const root = await temporaryDirectory(t)
    for (const hardLinks of [true, false]) {
      const before = await openLocalStore(root, { hardLinks })
      const { key } = await before.write(one('x'))
      const after = await openLocalStore(root, { hardLinks: !hardLinks })
      assert.deepEqual(await Array.fromAsync(after.leftovers({ olderThanMs: 0 })), [key])
      await after.delete(key)
      assert.deepEqual(await files(root), [])
    }
  })

  it('stops the start with one line when the directory cannot be used', async (t) => {
    const file = join(await temporaryDirectory(t), 'file')
    await writeFile(file, '')
    for (const root of [file, join(file, 'packages')]) {
      await assert.rejects(openLocalStore(root), (error) => {
        assert.ok(error instanceof StartRefused)
        assert.ok(error.message.includes(root))
        assert.match(error.message, /^storage: .*packages\.storage_path[^\n]*$/)
        return true
      })
    }
  })

  it('says 507 when the disk is full, 503 when it fails, and nothing else', () => {
    for (const [code, status] of Object.entries({ ENOSPC: 507, EDQUOT: 507, EROFS: 503, EIO: 503 })) {
      const problem = withDisk(Object.assign(new Error(code), { code }))
      assert.ok(problem instanceof Problem)
      assert.equal(problem.status, status)
    }
    const other = Object.assign(new Error('EXDEV'), { code: 'EXDEV' })
    assert.equal(withDisk(other), other)
  })
})
