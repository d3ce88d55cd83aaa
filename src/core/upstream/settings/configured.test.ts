import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createTestApp, type TestApp } from '../../../../test/app.ts'
import { ask } from '../../../../test/ask.ts'
import { letFill } from '../../../../test/filling-format.ts'
import type { Config } from '../../../config/config.ts'
import { StartRefused } from '../../../lib/start-refused.ts'
import { upstreamsOf } from '../../records/upstreams.ts'
import { adoptConfiguredUpstreams } from './configured.ts'

let app: TestApp
before(async () => {
  app = await createTestApp()
  letFill(app, 'generic')
})
after(() => app.close())

type Stated = Config['upstreams'][string][number]

/** As at a start with these in the file. */
async function start(...generic: readonly Stated[]) {
  const config: Config = { ...app.core.config, upstreams: generic.length === 0 ? {} : { generic } }
  await app.core.database.write((db) => adoptConfiguredUpstreams({ ...app.core, config }, db))
  return upstreamsOf(app.core.database.read, 'instance', 'generic')
}
const eventCount = async () =>
  (
    await app.core.database.read
      .selectFrom('events')
      .select('id')
      .where('kind', 'like', 'upstream.%')
      .execute()
  ).length

const one: Stated = { url: 'https://one.example', credential: { username: 'bot', secret: 'hunter2' } }
const two: Stated = { url: 'https://two.example/all', credential: null, include: ['A-*'], ttlMs: 0 }

test('rows are made equal to the file: what stays keeps its number, what went is gone', async () => {
  const first = await start(one, two)
  assert.deepEqual(
    first.map(({ url, position, source, include, ttlMs, username }) => [
      [url, position, source],
      [include, ttlMs, username],
    ]),
    [
      [
        ['https://one.example', 1, 'configuration'],
        [[], 600_000, 'bot'],
      ],
      [
        ['https://two.example/all', 2, 'configuration'],
        [['a-*'], 0, null],
      ],
    ],
  )
  const written = await eventCount()
  assert.deepEqual(await start(one, two), first, 'nothing is written where nothing changed')
  assert.equal(await eventCount(), written)

  const swapped = await start(two, one)
  assert.deepEqual(
    swapped.map(({ id, position }) => [id, position]),
    [
      [first[1]!.id, 1],
      [first[0]!.id, 2],
    ],
  )
  const otherSecret = { username: 'bot', secret: 'another' }
  const changed = await start({ ...one, credential: otherSecret }, { ...two, offline: true })
  assert.deepEqual(
    changed.map(({ id, offline }) => [id, offline]),
    [
      [first[0]!.id, false],
      [first[1]!.id, true],
    ],
  )
  assert.notEqual(changed[0]!.credential, first[0]!.credential)

  const moved = await start({ ...one, url: 'https://one.example/moved' })
  assert.equal(moved.length, 1)
  assert.ok(!first.some(({ id }) => id === moved[0]!.id), 'another address has another number')
  assert.deepEqual(await start(), [])
  const events = await app.core.database.read.selectFrom('events').select('detail').execute()
  assert.ok(!JSON.stringify(events).includes('hunter2'))
})

test('those made by hand stay behind them', async () => {
  const made = await ask(app.root, 'POST /upstreams', { format: 'generic', url: 'https://hand.example' })
  assert.equal(made.body.position, 1)
  const urls = (await start(one, two)).map(({ url }) => url)
  assert.deepEqual(urls, ['https://one.example', 'https://two.example/all', 'https://hand.example'])
  const [left] = await start()
  assert.deepEqual([left!.id, left!.position], [made.body.id, 1])
})

test('a start is refused for what cannot be, naming it', async () => {
  const wrong = { ...one, credential: { username: null, secret: 'with space' } }
  await assert.rejects(start(wrong), (error: Error) => {
    assert.ok(error instanceof StartRefused)
    assert.match(error.message, /upstreams.generic: https:\/\/one.example: token must be/)
    return true
  })
})
