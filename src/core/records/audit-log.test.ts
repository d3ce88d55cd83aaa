import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createTestApp, type TestApp } from '../../../test/app.ts'
import { forgetLogPosition, logEvents } from './audit-log.ts'
import { lastSettled } from './event-order.ts'

let app: TestApp
before(async () => {
  app = await createTestApp()
  await app.project('acme/lib')
})
after(() => app.close())

const publish = async (name: string) => {
  const address = `/api/v4/projects/acme%2Flib/packages/generic/${name}/1/f`
  assert.equal((await app.root.put(address, 'bytes')).status, 201)
}

test('each event is one line, once, in order, from the moment it was switched on', async () => {
  const lines: any[] = []
  const log = { info: (fields: any, words: string) => void lines.push([words, fields.audit]) }
  const catchUp = () => logEvents(app.core.database, log as never)
  await publish('before')
  await catchUp()
  assert.equal(lines.length, 0)
  await publish('one')
  await publish('two')
  await catchUp()
  await catchUp()
  assert.deepEqual(
    lines.map(([words, audit]) => [words, audit.kind, audit.name, audit.actor, audit.project_path]),
    ['one', 'two'].map((name) => ['audit', 'package.published', name, 'root', 'acme/lib']),
  )
  const [, first] = lines[0]
  assert.equal(first.detail.files[0].path, 'one/1/f')
  assert.ok(Math.abs(Date.parse(first.at) - app.clock.now()) < 60_000)

  await forgetLogPosition(app.core.database)
  await publish('unlogged')
  await catchUp()
  assert.equal(lines.length, 2, 'switched on again, it does not make up for what was before')
})

test('a server that is told to logs what happens', async () => {
  const other = await createTestApp({ env: { ENTREPOT_AUDIT__LOG: 'true' } })
  try {
    const { id } = await other.project('acme/lib')
    assert.equal(other.config.audit.log, true)
    await other.root.put(`/api/v4/projects/${id}/packages/generic/tool/1/f`, 'bytes')
    await other.app.stop()
    const row = await other.core.database.read
      .selectFrom('instance')
      .select('value')
      .where('key', '=', 'audit-log')
      .executeTakeFirstOrThrow()
    const last = await lastSettled(other.core.database.read)
    assert.equal(row.value, `${last.id} ${last.transaction}`)
    assert.ok(last.id > 0)
  } finally {
    await other.close()
  }
})
