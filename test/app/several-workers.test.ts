import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTestApp, type TestApp } from '../app.ts'
import { databaseEnv } from '../database.ts'
import { databaseTime } from '../../src/database/database-time.ts'
import { enqueue } from '../../src/core/records/job-requests.ts'

const program = new URL('worker-process.ts', import.meta.url).pathname

let app: TestApp
before(async () => {
  app = await createTestApp()
})
after(() => app.close())

interface WorkerProcess {
  readonly child: ChildProcess
  readonly said: string[]
  stop(signal: NodeJS.Signals): Promise<void>
}

async function startWorker(kind: string): Promise<WorkerProcess> {
  const env = {
    PATH: process.env['PATH'],
    TMPDIR: process.env['TMPDIR'],
    ENTREPOT_DATA: app.config.data,
    ENTREPOT_PUBLIC_URL: app.url,
    ...databaseEnv(app.config),
  }
  const child = spawn(process.execPath, [program, kind], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const said: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => said.push(line))
  await until(() => said.includes('ready'))
  return {
    child,
    said,
    async stop(signal) {
      child.kill(signal)
      await ended
    },
  }
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await holds()); waited += 20) {
    assert.ok(waited < 20_000, 'waited too long')
    await sleep(20)
  }
}

const isEmpty = async (kind: string) =>
  (await app.core.database.read.selectFrom('jobs').select('id').where('kind', '=', kind).execute()).length ===
  0

test('workers in several processes run each job once, and together all of them', async () => {
  const workers = await Promise.all([startWorker('test-note'), startWorker('test-note')])
  const keys = Array.from({ length: 200 }, (_, at) => `key-${at}`)
  await app.core.database.write(async (db) => {
    for (const key of [...keys, ...keys]) await enqueue(db, 'test-note', key, app.clock.now())
  })
  const ran = () => workers.flatMap(({ said }) => said.filter((line) => line.startsWith('ran ')))
  await until(() => ran().length >= keys.length)
  await until(() => isEmpty('test-note'))
  await Promise.all(workers.map((worker) => worker.stop('SIGTERM')))
  assert.deepEqual(ran().sort(), keys.map((key) => `ran ${key}`).sort())
  for (const { said } of workers) assert.ok(said.length > 1, 'both had their share')
})

test('a worker that is killed is overtaken when its lease is over, and not before', async () => {
  const first = await startWorker('test-stuck')
  await app.core.database.write((db) => enqueue(db, 'test-stuck', 'never-ends', app.clock.now()))
  await until(() => first.said.includes('began never-ends'))
  await first.stop('SIGKILL')
  const second = await startWorker('test-stuck')
  await sleep(1500)
  assert.deepEqual(second.said, ['ready'])
  await app.core.database.write((db) =>
    db
      .updateTable('jobs')
      .set({ lease_until: databaseTime(db) })
      .where('kind', '=', 'test-stuck')
      .execute(),
  )
  await until(() => second.said.includes('began never-ends'))
  await second.stop('SIGTERM')
  const [row] = await app.core.database.read
    .selectFrom('jobs')
    .select(['lease_until', 'fence', 'attempts'])
    .where('kind', '=', 'test-stuck')
    .execute()
  const handedBack = { lease_until: null, fence: 2, attempts: 1 }
  assert.deepEqual({ ...row }, handedBack, 'by the one that was asked to stop')
  await app.core.database.write((db) => db.deleteFrom('jobs').where('kind', '=', 'test-stuck').execute())
})
