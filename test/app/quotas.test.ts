/** How much a project, or all below a group, may store. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { storageCare } from '../../src/database/migrations/0006-storage-care.ts'
import { sampleBody } from '../../src/formats/npm/samples.ts'
import { createTestApp, type Actor, type TestApp } from '../app.ts'

let app: TestApp
let dan: Actor
let number = 0
before(async () => {
  app = await createTestApp({ env: { ENTREPOT_PACKAGES__COLLECT_AFTER: '0' } })
  dan = await app.user('dan')
})
after(() => app.close())
afterEach(async () => {
  app.clock.advance(8 * 86_400_000)
  await app.app.worker.drain()
})

/** A fresh group with two projects, of which Dan is a maintainer. */
async function place() {
  const path = `group-${++number}`
  const [one, other] = [await app.project(`${path}/one`), await app.project(`${path}/other`)]
  await app.member(dan, path, 40)
  return { group: await app.group(path), one, other }
}
const fileAt = (id: number, version: string) => `/api/v4/projects/${id}/packages/generic/tool/${version}/file`
const put = (id: number, version: string, bytes: number) =>
  dan.put(fileAt(id, version), Buffer.alloc(bytes, 'x'))
const limit = (kind: 'projects' | 'groups', id: number, bytes: number | null) =>
  app.root.json('PUT', `/api/v4/${kind}/${id}`, { packages_size_limit: bytes })
const usedBy = async (kind: 'projects' | 'groups', id: number) =>
  (await app.root.json('GET', `/api/v4/${kind}/${id}?statistics=true`)).statistics

async function packageId(projectId: number, version: string): Promise<number> {
  const list = await dan.json('GET', `/api/v4/projects/${projectId}/packages?package_version=${version}`)
  return list[0].id
}

describe('a quota', () => {
  it('of a project refuses what goes beyond it, naming use and limit, and nothing of it stays', async () => {
    const { one } = await place()
    await limit('projects', one.id, 1000)
    assert.equal((await put(one.id, '1', 600)).status, 201)
    const refused = await put(one.id, '2', 600)
    assert.equal(refused.status, 413)
    assert.match(await message(refused), /project group-\d+\/one may have 1\.0 KB, have 600 B.* add 600 B/)
    assert.equal((await dan.get(fileAt(one.id, '2'))).status, 404)
    assert.equal((await put(one.id, '3', 400)).status, 201)
    assert.deepEqual(await usedBy('projects', one.id), {
      storage_size: 1000,
      packages_size: 1000,
      packages_size_limit: 1000,
    })
  })

  it('of a group covers every project below it, and counts what was there before', async () => {
    const { group, one, other } = await place()
    assert.equal((await put(one.id, '1', 600)).status, 201)
    await limit('groups', group.id, 1000)
    const refused = await put(other.id, '1', 500)
    assert.equal(refused.status, 413)
    assert.match(await message(refused), /group group-\d+ may have 1\.0 KB/)
    assert.equal((await put(other.id, '1', 400)).status, 201)
    await limit('groups', group.id, null)
    assert.equal((await put(other.id, '2', 500)).status, 201)
    assert.equal((await usedBy('groups', group.id)).packages_size, 1500)
  })

  it('counts bytes that others have, too', async () => {
    const { one, other } = await place()
    assert.equal((await put(one.id, '1', 700)).status, 201)
    await limit('projects', other.id, 1000)
    assert.equal((await put(other.id, '1', 700)).status, 201)
    assert.equal((await put(other.id, '2', 700)).status, 413)
  })

  it('counts removed packages until they are purged', async () => {
    const { one } = await place()
    await limit('projects', one.id, 1000)
    assert.equal((await put(one.id, '1', 800)).status, 201)
    const at = `/api/v4/projects/${one.id}/packages/${await packageId(one.id, '1')}`
    assert.equal((await dan.delete(at)).status, 204)
    assert.equal((await put(one.id, '2', 800)).status, 413)
    assert.equal((await dan.delete(`${at}?purge=true`)).status, 204)
    assert.equal((await put(one.id, '2', 800)).status, 201)
  })

  it('gives back what replaced files had, and what is purged in its time', async () => {
    const { group, one } = await place()
    await limit('groups', group.id, 1000)
    assert.equal((await put(one.id, '1', 800)).status, 201)
    assert.equal((await dan.put(fileAt(one.id, '1'), Buffer.alloc(150, 'y'))).status, 201)
    assert.equal((await usedBy('projects', one.id)).packages_size, 150)
    const at = `/api/v4/projects/${one.id}/packages/${await packageId(one.id, '1')}`
    assert.equal((await dan.delete(at)).status, 204)
    app.clock.advance(8 * 86_400_000)
    await app.app.worker.drain()
    assert.equal((await usedBy('groups', group.id)).packages_size, 0)
    assert.equal((await put(one.id, '2', 1000)).status, 201)
  })

  it('stops bodies of unknown length, and files inside JSON, while they arrive', async () => {
    const { one } = await place()
    await limit('projects', one.id, 100_000)
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(Buffer.alloc(50_000)),
    })
    const refused = await dan.put(fileAt(one.id, '1'), endless).catch(() => undefined)
    assert.ok(refused === undefined || refused.status === 413)
    const body = JSON.stringify(sampleBody({ name: 'big', version: '1.0.0', content: noise(300_000) }))
    const npm = await dan.put(`/api/v4/projects/${one.id}/packages/npm/big`, body, {
      'content-type': 'application/json',
    })
    assert.equal(npm.status, 413)
    assert.match(JSON.stringify(await npm.json()), /quota exceeded/)
    assert.equal((await usedBy('projects', one.id)).packages_size, 0)
  })

  it('counts after an upgrade what was stored before it', async () => {
    const { one, other } = await place()
    assert.equal((await put(one.id, '1', 600)).status, 201)
    await app.core.database.write(async (db) => {
      await db.deleteFrom('usage_changes').execute()
      await db
        .updateTable('projects')
        .set({ packages_size: 0 })
        .where('id', 'in', [one.id, other.id])
        .execute()
    })
    while (await app.core.database.write((db) => storageCare.fill!(db)));
    assert.equal((await usedBy('projects', one.id)).packages_size, 600)
    assert.equal((await usedBy('projects', other.id)).packages_size, 0)
  })

  it('holds however many publish at once', async () => {
    const { group, one, other } = await place()
    await limit('groups', group.id, 1000)
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, index) => put(index % 2 ? one.id : other.id, `1.${index}`, 150)),
    )
    const statuses = replies.map((reply) => reply.status)
    assert.equal(statuses.filter((status) => status === 201).length <= 6, true)
    assert.ok(statuses.every((status) => status === 201 || status === 413))
    while ((await put(one.id, `2.${number++}`, 150)).status === 201);
    assert.equal((await usedBy('groups', group.id)).packages_size, 900)
  })

  it('is set by administrators only, and shown to who may read the packages', async () => {
    const { group, one } = await place()
    for (const path of [`/api/v4/projects/${one.id}`, `/api/v4/groups/${group.id}`]) {
      assert.equal((await dan.request('PUT', path, { body: { packages_size_limit: 5 } })).status, 403)
    }
    const guest = await app.user('gus')
    await app.member(guest, one.full_path, 10)
    const seen = async (actor: Actor, path: string) => (await actor.json('GET', path)).statistics
    assert.equal(await seen(guest, `/api/v4/projects/${one.id}?statistics=true`), undefined)
    assert.equal(await seen(dan, `/api/v4/projects/${one.id}`), undefined)
    assert.equal((await seen(dan, `/api/v4/projects/${one.id}?statistics=true`)).packages_size, 0)
    assert.equal(await seen(dan, `/api/v4/groups/${group.id}?statistics=true`), undefined)
  })
})

const noise = (length: number) =>
  Array.from({ length }, () => String.fromCharCode(33 + Math.floor(Math.random() * 90))).join('')

const message = async (reply: Response) => ((await reply.json()) as { message: string }).message
