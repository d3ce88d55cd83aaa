import assert from 'node:assert/strict'
import { it } from 'node:test'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import * as fc from 'fast-check'
import { compressRun, cutIntoRuns, mergeRows, sha256Of, type SetRow } from './runs.ts'

const row = (id: string, text = `Package: ${id}\n\n`): SetRow => ({ id, text })
const byId = (a: SetRow, b: SetRow) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), { maxLength: 400 })
const sortedRows = ids.map((some) => some.map((id) => row(id)).sort(byId))
const textOf = (rows: readonly SetRow[]) => rows.map(({ text }) => text).join('')

it('runs are the text, cut where an entry begins', () => {
  fc.assert(
    fc.property(sortedRows, (rows) => {
      const runs = [...cutIntoRuns(rows, 64)]
      assert.equal(runs.join(''), textOf(rows))
      for (const run of runs) assert.ok(run === '' || run.startsWith('Package: '))
    }),
  )
})

it('an entry more changes no run but the one it comes to stand in', () => {
  const names = Array.from({ length: 5000 }, (_, at) => `package-${String(at * 7).padStart(6, '0')}`)
  const before = new Set(
    cutIntoRuns(
      names.map((name) => row(name)),
      64,
    ),
  )
  assert.ok(before.size > 30, `${before.size} runs`)
  for (let at = 0; at < 200; at++) {
    const more = `package-${String(at * 7 * 25 + 3).padStart(6, '0')}`
    const after = [
      ...cutIntoRuns(
        [...names, more].sort().map((name) => row(name)),
        64,
      ),
    ]
    const changed = after.filter((run) => !before.has(run))
    assert.ok(changed.length <= 2, `${changed.length} runs changed for ${more}`)
  }
})

it('no run is longer than its bound and one entry', () => {
  const rows = Array.from({ length: 200 }, (_, at) => row(`p${at}`, 'x'.repeat(30_000)))
  for (const run of cutIntoRuns(rows, 64)) assert.ok(run.length <= 256 * 1024)
  assert.equal([...cutIntoRuns([row('a', 'x'.repeat(400_000)), row('b')], 64)].length, 2)
})

it('lists are merged in the order of their ids, the first one’s of equal ids', () => {
  fc.assert(
    fc.property(fc.array(ids, { maxLength: 4 }), (lists) => {
      const rows = lists.map((some, list) => some.map((id) => row(id, String(list))).sort(byId))
      const merged = [...mergeRows(rows)]
      assert.deepEqual(
        merged.map(({ id }) => id),
        [...new Set(lists.flat())].sort(),
      )
      for (const { id, text } of merged)
        assert.equal(text, String(lists.findIndex((some) => some.includes(id))))
    }),
  )
})

it('compressed runs, one after the other, are the compressed text', async () => {
  const rows = Array.from({ length: 1000 }, (_, at) => row(`p${String(at).padStart(4, '0')}`))
  const runs = []
  for (const text of cutIntoRuns(rows, 64)) {
    const bytes = Buffer.from(text)
    runs.push(await compressRun(sha256Of(bytes), bytes))
  }
  assert.ok(runs.length > 1)
  const gzip = Buffer.concat(runs.map((run) => run.gzip))
  assert.equal(gunzipSync(gzip).toString(), textOf(rows))
  for (const run of runs) assert.equal(sha256Of(zstdDecompressSync(run.zstd)), run.sha256)
})
