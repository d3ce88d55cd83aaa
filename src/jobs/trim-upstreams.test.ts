import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestApp } from '../../test/app.ts'
import { upstreamsToTrim } from '../core/records/upstream-trim.ts'
import { insertUpstream, retireUpstream } from '../core/records/upstreams.ts'
import { trimUpstreams } from './trim-upstreams.ts'

test('however many upstreams were removed, some at a time are read, and all of them go', async (t) => {
  const app = await createTestApp()
  t.after(() => app.close())
  const { core } = app
  const { id: projectId } = await app.project('team/app')
  const many = 250
  await core.database.write(async (db) => {
    for (let position = 1; position <= many; position++) {
      const values = {
        format: 'tiny',
        position,
        name: '',
        url: 'https://upstream.example',
        username: null,
        credential: null,
        ttlMs: 600_000,
        include: [],
        exclude: [],
        keepDaysUnused: null,
        // One stays: it is not removed, and has nothing to trim.
        maxBytes: position === many ? 1 : null,
        anonymousFill: false,
        offline: false,
        mixes: false,
        source: 'hand',
      } as const
      const { id } = await insertUpstream(db, { projectId }, values, core.clock())
      if (position < many) await retireUpstream(db, id, core.clock())
    }
  })
  const first = await upstreamsToTrim(core.database.read, 0)
  assert.equal(first.length, 100)
  const second = await upstreamsToTrim(core.database.read, first.at(-1)!.id)
  assert.equal(second[0]!.id, first.at(-1)!.id + 1)
  app.clock.advance(2 * 3_600_000)
  await trimUpstreams.run(core, '', new AbortController().signal)
  const left = await core.database.read.selectFrom('upstreams').select('position').execute()
  assert.deepEqual(
    left.map(({ position }) => position),
    [many],
  )
})
