/** What happens to other bytes, and to the same bytes, under a name that is published already. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setDuplicates } from '../../core/policy/duplicates.ts'
import type { Duplicates } from '../format.ts'
import { assertDialect, call } from './http.ts'
import { change, kept, onlyEventsSince } from './records.ts'
import { documents, download, sample, withScene, type Scene, type Suite } from './scene.ts'

export function duplicateTests(suite: Suite): void {
  it('refuses other bytes under a published name where duplicates are refused', () => checkRefused(suite))
  it('lets other bytes replace a published file where duplicates are allowed', () => checkAllowed(suite))
  for (const policy of ['never', 'allowed'] as const)
    it(`answers an identical publication as the first one, duplicates being ${policy}`, () =>
      checkRepeated(suite, policy))
  it('keeps the bytes of a removed version, or lets others come, as duplicates say', () =>
    checkComeback(suite))
}

async function policyOf({ format }: Suite, { app }: Scene, duplicates: Duplicates): Promise<void> {
  const { id } = await app.group('acme')
  await app.core.database.write((db) => setDuplicates(db, id, format.id, duplicates))
}

async function checkRefused(suite: Suite): Promise<void> {
  await withScene(suite, async (scene) => {
    const { app, at, people, publish } = scene
    await policyOf(suite, scene, 'never')
    await publish(people.developer, at, sample(suite))
    const shown = await documents(suite, people.developer, at, sample(suite))
    const before = await kept(app)
    const [first] = suite.samples.publish(sample(suite, 'other'))
    const refusal = await call(people.owner, at, first!)
    assert.equal(refusal.status, suite.samples.duplicateStatus, refusal.text)
    assertDialect(suite.format, refusal)
    assert.deepEqual(onlyEventsSince(before, await kept(app)), [])
    const { bytes } = suite.samples.file(sample(suite))
    assert.deepEqual((await download(suite, people.developer, at, sample(suite))).bytes, Buffer.from(bytes))
    const still = await documents(suite, people.developer, at, sample(suite))
    assert.deepEqual(
      still.map(({ text }) => text),
      shown.map(({ text }) => text),
    )
  })
}

async function checkAllowed(suite: Suite): Promise<void> {
  await withScene(suite, async (scene) => {
    const { at, people, publish } = scene
    await policyOf(suite, scene, 'allowed')
    await publish(people.developer, at, sample(suite))
    const path = suite.samples.file(sample(suite)).path
    const old = await call(people.developer, at, { method: 'GET', path })
    const other = sample(suite, 'other')
    const [first] = suite.samples.publish(other)
    assert.ok((await call(people.developer, at, first!)).status < 300)
    // Where addresses say digests it is another one.
    const file = suite.samples.file(other)
    const now = await call(people.developer, at, { method: 'GET', path: file.path })
    assert.deepEqual(now.body, Buffer.from(file.bytes))
    assert.notEqual(now.headers.etag, old.headers.etag)
    for (const document of await documents(suite, people.developer, at, other))
      assert.equal(document.status, 200)
    const count = (await kept(scene.app)).tables['packages']!.length
    assert.equal(count, 1, 'it is still one package')
  })
}

async function checkRepeated(suite: Suite, policy: Duplicates): Promise<void> {
  await withScene(suite, async (scene) => {
    const { app, at, people, publish } = scene
    await policyOf(suite, scene, policy)
    const another = await app.user('dora')
    await app.member(another, 'acme', 30)
    const plain = (answers: readonly { status: number; text: string }[]) =>
      answers.map(({ status, text }) => [status, text])
    const first = await publish(people.developer, at, sample(suite))
    const before = await kept(app)
    for (const caller of [people.developer, another]) {
      const again = await publish(caller, at, sample(suite))
      assert.deepEqual(plain(again), plain(first))
    }
    const kinds = onlyEventsSince(before, await kept(app))
    assert.ok(kinds.length >= 2, 'each repetition is in the audit')
    assert.deepEqual([...new Set(kinds)], ['package.repeated'])
    const [request] = suite.samples.publish(sample(suite))
    assert.equal((await call(people.reporter, at, request!)).status, 403, 'only who may publish may repeat')
    assert.deepEqual(onlyEventsSince(before, await kept(app)), kinds)
  })
}

async function checkComeback(suite: Suite): Promise<void> {
  const isImmutable = (suite.format.duplicates ?? 'never') === 'never'
  await withScene(suite, async ({ app, at, people, projectId, publish }) => {
    const pkg = sample(suite)
    await publish(people.developer, at, pkg)
    await change('remove', suite, app, projectId, pkg)
    const [first] = suite.samples.publish(sample(suite, 'other'))
    const other = await call(people.developer, at, first!)
    if (isImmutable) {
      assert.equal(other.status, suite.samples.duplicateStatus, other.text)
      assert.equal((await download(suite, people.developer, at, pkg)).status, 404)
    } else assert.ok(other.status < 300, other.text)
    await publish(people.developer, at, pkg)
    const { bytes } = suite.samples.file(pkg)
    assert.deepEqual((await download(suite, people.developer, at, pkg)).bytes, Buffer.from(bytes))
    for (const document of await documents(suite, people.developer, at, pkg))
      assert.ok(document.status === 200 && document.text.includes(pkg.version))
  })
}
