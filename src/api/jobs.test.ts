import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { failedAfter } from '../core/records/job-lists.ts'
import { enqueue } from '../core/records/job-requests.ts'
import { createWorker } from '../jobs/worker.ts'

let app: TestApp
before(async () => {
  app = await createTestApp()
})
after(() => app.close())

const list = (query = '') => app.root.json('GET', `/api/v4/admin/jobs?kind=test-broken${query}`)

test('a job that fails again and again is shown as failed, with its error, until a retry succeeds', async () => {
  let isBroken = true
  const worker = createWorker(app.core, [
    {
      kind: 'test-broken',
      async run() {
        if (isBroken) throw new Error('the bucket does not answer')
      },
    },
  ])
  await app.core.database.write((db) => enqueue(db, 'test-broken', 'a', app.clock.now()))
  await worker.drain()
  const [once] = await list()
  assert.deepEqual([once.state, once.attempts, once.error], ['retrying', 1, 'the bucket does not answer'])
  for (let attempt = 1; attempt < failedAfter; attempt++) {
    app.clock.advance(3_600_000)
    await worker.drain()
  }
  const [job] = await list('&state=failed')
  assert.deepEqual([job.key, job.attempts, job.error], ['a', failedAfter, 'the bucket does not answer'])
  assert.deepEqual(await list('&state=waiting'), [])
  assert.ok(Date.parse(job.run_at) > app.clock.now())

  isBroken = false
  const retried = await app.root.json('POST', `/api/v4/admin/jobs/${job.id}/retry`)
  assert.deepEqual([retried.id, retried.attempts], [job.id, 0])
  await worker.drain()
  assert.deepEqual(await list(), [])
  assert.equal((await app.root.get(`/api/v4/admin/jobs/${job.id}`)).status, 404)
  assert.equal((await app.root.post(`/api/v4/admin/jobs/${job.id}/retry`, {})).status, 404)
  const [event] = await app.root.json('GET', '/api/v4/audit_events?kind=job.retried')
  assert.equal(event.author_name ?? event.actor ?? 'root', 'root')
})

test('recurring jobs can be seen before their time, page by page', async () => {
  const jobs: any[] = await app.root.json('GET', '/api/v4/admin/jobs')
  assert.ok(jobs.some(({ kind, state }) => kind === 'purge' && state === 'waiting'))
  const first = await app.root.get('/api/v4/admin/jobs?pagination=keyset&per_page=1&sort=asc')
  const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link')!)![1]!
  const [one] = (await first.json()) as any[]
  const [two] = await app.root.json('GET', next.slice(app.url.length))
  assert.ok(two.id > one.id)
})
