import assert from 'node:assert/strict'
import { hash, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { get, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openStored } from '../core/bytes/open-stored.ts'
import type { BlobStore } from '../storage/blob-store.ts'
import { streamFile } from '../storage/local-read.ts'
import { startLoopback } from './loopback.testing.ts'
import { streamOut } from './stream-out.ts'

for (const isChecked of [false, true])
  test(`a big file ${isChecked ? 'that is checked ' : ''}arrives whole at a client that pauses, out of memory that is used again`, async (t) => {
    const dir = await mkdtemp(join(tmpdir(), 'entrepot-recycling-'))
    t.after(() => rm(dir, { recursive: true, force: true }))
    const path = join(dir, 'file')
    const bytes = randomBytes(40 * 1024 * 1024 + 12_345)
    await writeFile(path, bytes)
    const sha256 = hash('sha256', bytes)
    const memory = new Set<ArrayBufferLike>()
    const { port } = await startLoopback(t, async (_req, res) => {
      const file = streamFile(path, 'key')
      file.on('data', (piece: Buffer) => memory.add(piece.buffer)).pause()
      const blobs = { open: () => file } as unknown as BlobStore
      const check = { isWanted: isChecked, onDamage: async () => {} }
      const source = openStored(
        { blobs },
        { storageKey: 'key', size: bytes.length, sha256 },
        undefined,
        check,
      )
      await streamOut(res, source, bytes.length, () => res.writeHead(200, { 'content-length': bytes.length }))
      res.end()
    })
    const [answer] = (await once(get({ port, host: '127.0.0.1' }), 'response')) as [IncomingMessage]
    const received: Buffer[] = []
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      received.push(chunk)
      if (received.length % 100 === 0) await sleep(5)
    }
    assert.equal(hash('sha256', Buffer.concat(received)), sha256)
    assert.ok(
      memory.size > 1 && memory.size < 10,
      `${memory.size} pieces of memory for 41 pieces of the file`,
    )
  })
