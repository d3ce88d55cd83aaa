import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { enqueue } from '../core/records/job-requests.ts'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { databaseEnv } from '../../test/database.ts'

let app: TestApp
before(async () => {
  app = await createTestApp({ env: { ENTREPOT_JOBS__IN_SERVER: 'false' } })
})
after(() => app.close())

test('a worker does what the server leaves to it, says that it is well, and stops when told to', async () => {
  const project = `/api/v4/projects/${(await app.project('acme/files')).id}`
  for (const version of ['1', '2'])
    await app.root.put(`${project}/packages/generic/tool/${version}/a`, version)
  await app.root.json('POST', `${project}/packages/retention/rules`, { keep_n: 1, enabled: true })
  await app.core.database.write((db) => enqueue(db, 'retention', '', app.clock.now()))

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
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    child.stdout.resume()
    const health = /health at (\S+)\)/.exec(line)![1]!
    assert.equal((await fetch(health)).status, 200)
    assert.equal((await fetch(new URL('/api/v4/version', health))).status, 404)
    for (let waited = 0; (await app.root.json('GET', `${project}/packages`)).length > 1; waited += 50) {
      assert.ok(waited < 20_000, 'nothing was done')
      await sleep(50)
    }
  } finally {
    child.kill('SIGTERM')
  }
  assert.deepEqual(await ended, [0, null])
})
