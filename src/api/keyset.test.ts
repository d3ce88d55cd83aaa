import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createTestApp, type TestApp } from '../../test/app.ts'

let app: TestApp
before(async () => {
  app = await createTestApp()
  for (const name of ['one', 'two', 'three']) await app.project(`acme/${name}`)
  const { id } = await app.project('acme/one')
  for (const version of ['1', '2', '3']) {
    assert.equal(
      (await app.root.put(`/api/v4/projects/${id}/packages/generic/tool/${version}/f`, version)).status,
      201,
    )
  }
})
after(() => app.close())

/** Follows the Link header to the end. */
async function walk(path: string): Promise<number[]> {
  const ids: number[] = []
  for (let next: string | undefined = path; next;) {
    const reply = await app.root.get(next)
    assert.equal(reply.status, 200, next)
    assert.equal(reply.headers.get('x-total'), null)
    ids.push(...((await reply.json()) as { id: number }[]).map((item) => item.id))
    next = /<([^>]+)>; rel="next"/.exec(reply.headers.get('link') ?? '')?.[1]
  }
  return ids
}

const lists = [
  '/projects',
  '/groups',
  '/groups/acme/projects',
  '/projects/acme%2Fone/packages',
  '/groups/acme/packages',
]

test('lists can be walked by keyset, one by one, each row once', async () => {
  for (const list of lists) {
    const whole = (await app.root.json('GET', `/api/v4${list}?order_by=id&sort=asc&per_page=100`)) as {
      id: number
    }[]
    const walked = await walk(`/api/v4${list}?pagination=keyset&order_by=id&sort=asc&per_page=1`)
    assert.deepEqual(
      walked,
      whole.map((item) => item.id),
      list,
    )
    assert.deepEqual(
      await walk(`/api/v4${list}?pagination=keyset&order_by=id&sort=desc&per_page=2`),
      walked.toReversed(),
      list,
    )
  }
})

test('keyset pages come in the order of numbers only, and take no made-up cursor', async () => {
  for (const list of lists) {
    for (const query of ['order_by=name', 'order_by=id&cursor=nonsense']) {
      const reply = await app.root.get(`/api/v4${list}?pagination=keyset&${query}`)
      assert.equal(reply.status, 400, `${list} ${query}`)
      assert.ok('error' in ((await reply.json()) as object))
    }
  }
})
