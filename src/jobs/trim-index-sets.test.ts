import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestApp } from '../../test/app.ts'
import { sampleDeb } from '../formats/debian/sample-debs.ts'
import { trimIndexSets } from './trim-index-sets.ts'

const dayMs = 86_400_000

test('what stands in a set or is made for it stays; what nobody asked for in a month goes', async () => {
  const app = await createTestApp()
  try {
    const { id } = await app.project('acme/app')
    const at = `/api/v4/projects/${id}/packages/debian`
    const upload = sampleDeb({ name: 'hello', version: '1.0', architecture: 'amd64' })
    await app.root.put(`${at}/hello.deb?distribution=bookworm`, upload)
    const wish = { codename: 'bookworm', contents: true }
    await app.root.json('POST', `/api/v4/projects/${id}/debian_distributions`, wish)
    const ask = async (path: string) => (await app.root.get(`${at}/dists/bookworm/${path}`)).text()
    await ask('Release')
    await app.app.worker.drain()

    const { read } = app.core.database
    const count = async (table: 'index_runs' | 'inside_indexes' | 'index_sets') =>
      (await read.selectFrom(table).select('id').execute()).length
    const trim = () => trimIndexSets.run(app.core, '', new AbortController().signal)
    // Made, and named by no stored set yet.
    app.clock.advance(2 * dayMs)
    const runs = await count('index_runs')
    await trim()
    assert.equal(await count('index_runs'), runs)
    assert.match(await ask('main/Contents-amd64'), /usr\/share\/doc\/hello/)

    app.clock.advance(31 * dayMs)
    await trim()
    assert.equal(await count('index_sets'), 0)
    assert.deepEqual([await count('inside_indexes'), await count('index_runs')], [0, 0])

    await ask('Release')
    await app.app.worker.drain()
    assert.match(await ask('main/Contents-amd64'), /usr\/share\/doc\/hello/)
  } finally {
    await app.close()
  }
})
