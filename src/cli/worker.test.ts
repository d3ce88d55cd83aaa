import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { databaseEnv } from '../../test/database.ts'

let app: TestApp
before(async () => {
  app = await createTestApp({ env: { ENTREPOT_JOBS__IN_SERVER: 'false' } })
})
after(() => app.close())

test('a worker does what the server leaves to it, says that it is well, and stops when told to', async () => {
  const bytesOf = `/api/v4/projects/${(await app.project('acme/files')).id}/packages/generic/tool/1/a`
  await app.root.put(bytesOf, 'bytes')
  const [{ id }] = await app.root.json('GET', '/api/v4/groups/acme/packages')
  const blobs = () => app.core.database.read.selectFrom('blobs').select('id').execute()
  await app.core.database.write((db) => db.updateTable('blobs').set({ created_at: 1 }).execute())
  const project = bytesOf.split('/packages/')[0]
  assert.equal((await app.root.delete(`${project}/packages/${id}?purge=true`)).status, 204)

  const launcher = join(import.meta.dirname, '../../entrepot.mjs')
  const child = spawn(process.execPath, [launcher, 'worker', '--listen', '127.0.0.1:0'], {
    cwd: app.config.data,
    env: {
      PATH: process.env['PATH'],
      TMPDIR: process.env['TMPDIR'],
      ENTREPOT_DATA: app.config.data,
      ENTREPOT_PUBLIC_URL: app.url,
      ...databaseEnv(app.config),
      ENTREPOT_SECRET_KEY: 'a key for tests, long enough to be one',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  child.stdout.resume()
  const health = /health at (\S+)\)/.exec(line)![1]!
  assert.equal((await fetch(health)).status, 200)
  assert.equal((await fetch(new URL('/api/v4/version', health))).status, 404)
  for (let waited = 0; (await blobs()).length > 0; waited += 50) {
    assert.ok(waited < 20_000, 'the bytes were not collected')
    await sleep(50)
  }
  child.kill('SIGTERM')
  assert.deepEqual(await ended, [0, null])
})
