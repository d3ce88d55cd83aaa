import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { sql } from 'kysely'
import { createTestApp, type TestApp } from '../../../test/app.ts'
import { engineOf } from '../../database/engine.ts'
import { keepFiles } from '../upstream/kept/keep.testing.ts'
import { keptAmounts, keptFileRows, keptNameRows, mostFilesCounted } from './upstream-kept.ts'
import { insertUpstream } from './upstreams.ts'

describe('what is kept from upstreams, by name', () => {
  let app: TestApp
  let first = 0
  let second = 0
  let many = 0
  before(async () => {
    app = await createTestApp()
    first = await add('first')
    second = await add('second')
    many = await add('many')
    const busy = Array.from({ length: mostFilesCounted + 50 }, (_, n) => ({
      upstreamId: second,
      name: 'busy',
      version: `1.0.${n}`,
      size: 2,
      usedAt: n,
    }))
    const crowd = Array.from({ length: 6000 }, (_, n) => ({
      upstreamId: many,
      name: `crowd-${n >> 1}`,
      version: `${n & 1}`,
    }))
    await keepFiles(app.core.database, [
      { upstreamId: first, name: 'left-pad', version: '1.3.0', size: 10, usedAt: 5 },
      { upstreamId: first, name: 'left-pad', version: '1.2.0', size: 20, usedAt: 9 },
      { upstreamId: first, name: '@acme/Left', version: '2.0.0', size: 7, usedAt: 3 },
      { upstreamId: second, name: 'left-pad', version: '1.1.0', size: 1, usedAt: 1 },
      ...busy,
      ...crowd,
    ])
    await app.core.database.write((db) => sql`analyze upstream_files`.execute(db))
  })
  after(() => app.close())

  const add = async (name: string): Promise<number> => {
    const { database, clock } = app.core
    const patterns = { include: [], exclude: [] }
    const never = { keepDaysUnused: null, maxBytes: null }
    const flags = { anonymousFill: false, offline: false, mixes: false }
    const credential = { username: null, credential: null }
    const url = `https://${name}.example`
    const one = { format: 'generic', position: 1, name, url, ttlMs: 1, source: 'hand' } as const
    const values = { ...one, ...patterns, ...never, ...flags, ...credential }
    return (await database.write((db) => insertUpstream(db, 'instance', values, clock()))).id
  }
  const found = async (ids: readonly number[], search?: string) => {
    const rows = await keptNameRows(app.core.database.read, ids, search).execute()
    return rows.map((row) => [row.upstream_id, row.name])
  }

  it('is found by a part of the name, compared in lower case, upstream by upstream', async () => {
    assert.deepEqual(await found([first, second], 'LEFT'), [
      [first, '@acme/Left'],
      [first, 'left-pad'],
      [second, 'left-pad'],
    ])
    assert.deepEqual(await found([second]), [
      [second, 'busy'],
      [second, 'left-pad'],
    ])
    for (const nothing of ['l%t', 'l_ft', '\\', 'left-pad-'])
      assert.deepEqual(await found([first], nothing), [])
    assert.deepEqual(await found([], 'left'), [])
  })

  it('is counted up to a number of files, in the order that was asked for', async () => {
    const keys = [
      { upstreamId: first, name: 'left-pad' },
      { upstreamId: second, name: 'busy' },
      { upstreamId: first, name: 'unheard' },
      { upstreamId: second, name: 'left-pad' },
    ]
    assert.deepEqual(await keptAmounts(app.core.database.read, keys), [
      { files: 2, size: 30, lastUsedAt: 9 },
      { files: mostFilesCounted + 1, size: 2 * (mostFilesCounted + 1), lastUsedAt: mostFilesCounted + 49 },
      undefined,
      { files: 1, size: 1, lastUsedAt: 1 },
    ])
    assert.deepEqual(await keptAmounts(app.core.database.read, []), [])
  })

  it('is shown file by file, the one used last first', async () => {
    const rows = await keptFileRows(app.core.database.read, { upstreamId: first, name: 'left-pad' }).execute()
    assert.deepEqual(
      rows.map(({ version, path, size }) => [version, path, size]),
      [
        ['1.2.0', 'left-pad/1.2.0/file', 20],
        ['1.3.0', 'left-pad/1.3.0/file', 10],
      ],
    )
  })

  it('is searched in the index that is made for it', async () => {
    const { read } = app.core.database
    const queries = [
      keptNameRows(read, [first], 'left').limit(21),
      keptFileRows(read, { upstreamId: first, name: 'x' }),
    ]
    for (const query of queries) {
      const explain = sql.raw(engineOf(read) === 'postgres' ? 'explain' : 'explain query plan')
      const { rows } = await sql`${explain} select * from ${query.as('asked')}`.execute(read)
      assert.match(JSON.stringify(rows), /upstream_files_name/)
    }
  })
})
