import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { createTestApp, type TestApp } from '../../../test/app.ts'
import { ask } from '../../../test/ask.ts'
import { startReceiver, type Receiver } from './receiver.testing.ts'

let app: TestApp
let receiver: Receiver
let count = 0
/** A project of this test's own; its group is `<name>-group`. */
let path: string
before(async () => {
  app = await createTestApp()
  // Deliveries go out when the test says so.
  await app.app.worker.stop()
})
after(() => app.close())
beforeEach(async () => {
  receiver = await startReceiver()
  count += 1
  path = `group-${count}/lib`
  await app.project(path)
})
afterEach(() => receiver.close())

const at = () => `/projects/${encodeURIComponent(path)}`
const publish = async (name: string, project = path) => {
  const address = `/api/v4/projects/${encodeURIComponent(project)}/packages/generic/${name}/1/f`
  assert.equal((await app.root.put(address, `bytes of ${name}`)).status, 201)
}
const addHook = async (wish: object = {}, where = at()) =>
  (await ask(app.root, `POST ${where}/hooks`, { url: receiver.url, ...wish })).body
const names = () => receiver.received.map(({ body }) => body.name)
async function deliver(): Promise<void> {
  const { createWorker } = await import('../../jobs/worker.ts')
  const { webhookDeliveries } = await import('../../jobs/deliver-webhooks.ts')
  await createWorker(app.core, [webhookDeliveries()]).drain()
}
async function drop(id: number): Promise<void> {
  assert.equal((await ask(app.root, `DELETE ${at()}/hooks/${id}`)).status, 204)
  await deliver()
}

test('a webhook is told of a publication: what, where, by whom, signed with its token', async () => {
  const { id } = await addHook({ token: 'a secret of two' })
  await publish('tool')
  await deliver()
  const { id: projectId } = await app.project(path)
  assert.equal(receiver.received.length, 1)
  const [{ headers, text, body }] = receiver.received as [Receiver['received'][0]]
  assert.deepEqual(
    [body.kind, body.actor, body.project, body.format, body.name, body.version],
    ['package.published', 'root', { id: projectId, path }, 'generic', 'tool', '1'],
  )
  assert.deepEqual(
    body.files.map((file: any) => file.path),
    ['tool/1/f'],
  )
  assert.equal(Date.parse(body.time) <= app.clock.now(), true)
  assert.deepEqual(
    [headers['content-type'], headers['x-entrepot-event'], headers['x-entrepot-delivery']],
    ['application/json', 'package.published', `${id}-${body.id}`],
  )
  const [, time, code] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-entrepot-signature'])) ?? []
  assert.equal(code, createHmac('sha256', 'a secret of two').update(`${time}.${text}`).digest('hex'))
  assert.ok(Math.abs(Number(time) * 1000 - app.clock.now()) < 60_000)
  await deliver()
  assert.equal(receiver.received.length, 1, 'told once')
})

test('nobody is told of what happened before, elsewhere, or of what was not asked for', async () => {
  await publish('early')
  await addHook()
  await addHook({ package_events: false, member_events: true })
  await app.project('elsewhere/lib')
  await publish('elsewhere', 'elsewhere/lib')
  await publish('tool')
  await publish('tool')
  const member = { user_id: (await app.user(`user-${count}`)).id, access_level: 20 }
  assert.equal((await ask(app.root, `POST ${at()}/members`, member)).status, 201)
  await deliver()
  const told = receiver.received.map(({ body, headers }) => [
    body.kind,
    body.name,
    headers['x-entrepot-signature'],
  ])
  assert.deepEqual(told.sort(), [
    ['member.added', null, undefined],
    ['package.published', 'tool', undefined],
  ])
})

test('a webhook of a group is told of all below it', async () => {
  await addHook({ project_events: true }, `/groups/group-${count}`)
  await publish('tool')
  const [group] = (await ask(app.root, `GET /groups?search=group-${count}`)).body
  await ask(app.root, 'POST /projects', { name: 'new', namespace_id: group.id })
  await publish('other', `group-${count}/new`)
  await deliver()
  assert.deepEqual(
    receiver.received.map(({ body }) => [body.kind, body.project.path]),
    [
      ['package.published', path],
      ['project.created', `group-${count}/new`],
      ['package.published', `group-${count}/new`],
    ],
  )
})

test('what fails is tried again later, before anything that came after it', async () => {
  const { id } = await addHook()
  receiver.answer(500)
  await publish('first')
  await publish('second')
  await deliver()
  await deliver()
  assert.deepEqual(names(), ['first'], 'not before its time, and not the second one')
  const failed = (await ask(app.root, `GET ${at()}/hooks/${id}`)).body
  assert.deepEqual(
    [failed.alert_status, failed.last_status, failed.last_error, failed.consecutive_failures],
    ['temporarily_disabled', 500, 'the receiver answered 500', 1],
  )
  receiver.answer(302)
  app.clock.advance(6000)
  await deliver()
  assert.deepEqual(names(), ['first', 'first'], 'redirects are not followed')
  receiver.answer(200)
  app.clock.advance(11_000)
  await publish('third')
  await deliver()
  assert.deepEqual(names(), ['first', 'first', 'first', 'second', 'third'])
  const ids = receiver.received.map(({ headers }) => headers['x-entrepot-delivery'])
  assert.deepEqual([ids[0], ids[1]], [ids[2], ids[2]], 'an attempt can be told from another event')
  const healed = (await ask(app.root, `GET ${at()}/hooks/${id}`)).body
  assert.deepEqual(
    [healed.alert_status, healed.last_error, healed.consecutive_failures],
    ['executable', null, 0],
  )
})

test('one that is not there is said so, and does not hold up others', async () => {
  const gone = await startReceiver()
  await gone.close()
  const { id } = await addHook({ url: gone.url })
  await addHook()
  await publish('tool')
  await deliver()
  assert.deepEqual(names(), ['tool'])
  const { last_status: status, last_error: error } = (await ask(app.root, `GET ${at()}/hooks/${id}`)).body
  assert.equal(status, null)
  assert.match(error, /127\.0\.0\.1/)
  app.clock.advance(3_600_000)
  await drop(id)
})

test('after fifty failures it is switched off; switched on, it is told of what happens then', async () => {
  const { id } = await addHook()
  await app.core.database.write((db) =>
    db.updateTable('webhooks').set({ failures: 49 }).where('id', '=', id).execute(),
  )
  receiver.answer(500)
  await publish('lost')
  await deliver()
  await publish('unheard')
  app.clock.advance(86_400_000)
  await deliver()
  assert.deepEqual(names(), ['lost'])
  assert.equal((await ask(app.root, `GET ${at()}/hooks/${id}`)).body.alert_status, 'disabled')
  const { body } = await ask(app.root, `GET ${at()}/audit_events?kind=webhook.disabled`)
  assert.deepEqual([body[0].details.data.failures, body[0].details.target_id], [50, id])
  receiver.answer(200)
  await ask(app.root, `PUT ${at()}/hooks/${id}`, { enabled: true })
  await publish('heard')
  await deliver()
  assert.deepEqual(names(), ['lost', 'heard'])
})

test('a deleted project tells nobody but its group, and goes on when it is restored', async () => {
  const { id } = await addHook()
  await publish('tool')
  await ask(app.root, `DELETE ${at()}?confirm=${encodeURIComponent(path)}`)
  await deliver()
  assert.deepEqual(names(), [])
  const project = await app.core.database.read
    .selectFrom('projects')
    .select('id')
    .where('full_path', '=', path)
    .executeTakeFirstOrThrow()
  assert.equal((await ask(app.root, `POST /projects/${project.id}/restore`)).status, 201)
  await deliver()
  assert.deepEqual(names(), ['tool'])
  await drop(id)
  await publish('after')
  await deliver()
  assert.deepEqual(names(), ['tool'], 'a webhook that was dropped is told nothing')
})

test('a worker that knows of an event finds the webhook even while an earlier job waits', async () => {
  const { createWorker } = await import('../../jobs/worker.ts')
  const { webhookDeliveries } = await import('../../jobs/deliver-webhooks.ts')
  const worker = createWorker(app.core, [webhookDeliveries()])
  await addHook()
  await worker.drain()
  for (const name of ['one', 'two', 'three']) {
    await publish(name)
    await worker.drain()
  }
  assert.deepEqual(names(), ['one', 'two', 'three'])
  const jobs = await app.core.database.read
    .selectFrom('jobs')
    .selectAll()
    .where('kind', '=', 'webhook')
    .execute()
  assert.deepEqual(jobs, [])
})
