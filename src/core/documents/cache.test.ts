import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { createDocumentCache } from './cache.ts'
import { renderParts } from './rendered.ts'

test('one rendering serves all who ask for the same state', async () => {
  const cache = createDocumentCache(1_000_000)
  const render = (stamp: string) => () =>
    renderParts(stamp, [{ path: '', contentType: 'text/plain', body: `state ${stamp}` }])
  const [one, two] = await Promise.all([
    cache.get('key', 'a', render('a')),
    cache.get('key', 'a', render('a')),
  ])
  assert.equal(one, two)
  assert.equal(cache.counts.renders, 1)
  assert.equal(await cache.get('key', 'a', render('a')), one)
  const changed = await cache.get('key', 'b', render('b'))
  assert.equal(changed.parts.get('')?.body?.toString(), 'state b')
  assert.equal(cache.counts.renders, 2)
})

test('a rendering that fails is tried again by the next who asks', async () => {
  const cache = createDocumentCache(1_000_000)
  const broken = async () => {
    throw new Error('no')
  }
  await assert.rejects(cache.get('key', 'a', broken), /no/)
  const parts = await cache.get('key', 'a', () => renderParts('a', []))
  assert.equal(parts.parts.size, 0)
})

test('large parts are kept compressed, with the hash of what they say', async () => {
  const body = 'entrepot '.repeat(1000)
  const small = await renderParts('s', [{ path: '', contentType: 'text/plain', body: 'x' }])
  const large = await renderParts('s', [{ path: '', contentType: 'text/plain', body }])
  assert.equal(small.parts.get('')?.gzip, undefined)
  const part = large.parts.get('')!
  assert.equal(part.body, undefined)
  assert.equal(gunzipSync(part.gzip!).toString(), body)
  assert.equal(part.size, body.length)
  assert.match(part.etag, /^[0-9a-f]{32}$/)
})
