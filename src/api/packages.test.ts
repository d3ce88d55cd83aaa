import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Actor } from '../../test/actor.ts'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { ask } from '../../test/ask.ts'

let app: TestApp
before(async () => {
  app = await createTestApp()
})
after(() => app.close())

const encoded = encodeURIComponent
const addressOf = (project: string, name: string, version: string, file = 'f.bin') =>
  `/api/v4/projects/${encoded(project)}/packages/generic/${name}/${version}/${file}`

async function publish(actor: Actor, project: string, name: string, version: string, file?: string) {
  const reply = await actor.put(addressOf(project, name, version, file), `${name} ${version} ${file}`)
  assert.equal(reply.status, 201, await reply.text())
}

async function idOf(project: string, name: string, version: string): Promise<number> {
  const query = `package_name=${name}&package_version=${version}`
  const { body } = await ask(app.root, `GET /projects/${encoded(project)}/packages?${query}`)
  return body[0].id
}

const words = (list: any[]) => list.map((one) => `${one.name} ${one.version}`)

test('lists filter, order and page', async () => {
  await app.project('list/lib')
  for (const [name, version] of [
    ['beta', '1.0'],
    ['alpha', '1.0'],
    ['alpha', '2.0'],
  ] as const) {
    app.clock.advance(1000)
    await publish(app.root, 'list/lib', name, version)
  }
  const list = async (query: string) =>
    words((await ask(app.root, `GET /projects/list%2Flib/packages?${query}`)).body)
  assert.deepEqual(await list(''), ['beta 1.0', 'alpha 1.0', 'alpha 2.0'])
  assert.deepEqual(await list('sort=desc'), ['alpha 2.0', 'alpha 1.0', 'beta 1.0'])
  assert.deepEqual(await list('order_by=name&sort=desc'), ['beta 1.0', 'alpha 2.0', 'alpha 1.0'])
  assert.deepEqual(await list('package_name=LPH'), ['alpha 1.0', 'alpha 2.0'])
  assert.deepEqual(await list('package_name=a_p'), [])
  assert.deepEqual(await list('package_version=1.0&per_page=1&page=2'), ['alpha 1.0'])
  assert.deepEqual(await list('package_type=generic'), ['beta 1.0', 'alpha 1.0', 'alpha 2.0'])
  assert.deepEqual(await list('package_type=npm'), [])
  const wrong = await ask(app.root, 'GET /projects/list%2Flib/packages?package_type=x')
  assert.deepEqual([wrong.status, wrong.body], [400, { error: 'package_type does not have a valid value' }])
})

test('one package: links, tags, other versions, its publisher and last download', async () => {
  const alice = await app.user('alice')
  const { id } = await app.project('one/lib')
  await app.member(alice, 'one', 30)
  await publish(alice, 'one/lib', 'tool', '1.0')
  await publish(alice, 'one/lib', 'tool', '2.0')
  const first = await idOf('one/lib', 'tool', '1.0')
  assert.equal((await alice.get(addressOf('one/lib', 'tool', '1.0'))).status, 200)
  await app.core.downloads.flush(app.core.database)
  const { body } = await ask(alice, `GET /projects/one%2Flib/packages/${first}`)
  assert.deepEqual(body._links, {
    web_path: `/one/lib/-/packages/${first}`,
    delete_api_path: `${app.url}/api/v4/projects/${id}/packages/${first}`,
  })
  assert.deepEqual([body.creator_id, body.status, body.package_type], [alice.id, 'default', 'generic'])
  assert.notEqual(body.last_downloaded_at, null)
  assert.deepEqual(
    body.versions.map((one: any) => one.version),
    ['2.0'],
  )
  app.clock.advance(2 * 3_600_000)
  const later = await ask(alice, `GET /projects/one%2Flib/packages/${first}`)
  assert.equal(later.body._links.delete_api_path, undefined, 'after an hour it is a maintainer’s matter')
  await app.project('one/other')
  assert.equal((await ask(app.root, `GET /projects/one%2Fother/packages/${first}`)).status, 404)
  assert.equal((await ask(app.root, `DELETE /projects/one%2Fother/packages/${first}`)).status, 404)
})

test('a group lists what the caller may read below it', async () => {
  const bob = await app.user('bob')
  for (const project of ['wide/a', 'wide/sub/b', 'wide/c']) {
    await app.project(project)
    await publish(app.root, project, 'tool', '1.0')
  }
  await app.member(bob, 'wide/a', 20)
  await app.member(bob, 'wide/sub/b', 20)
  await app.member(bob, 'wide/c', 10)
  const list = await ask(bob, 'GET /groups/wide/packages?order_by=project_path')
  assert.deepEqual(
    list.body.map((one: any) => one.project_path),
    ['wide/a', 'wide/sub/b'],
  )
  assert.equal(list.headers.get('x-total'), '2')
  const direct = await ask(bob, 'GET /groups/wide/packages?exclude_subgroups=true')
  assert.equal(direct.body.length, 1)
  assert.equal((await ask(await app.user('nosy'), 'GET /groups/wide/packages')).status, 404)
})

test('a removed package is gone at once and can be restored by maintainers', async () => {
  const { id } = await app.project('bin/lib')
  const [maintainer, developer] = [await app.user('maintainer'), await app.user('developer')]
  await app.member(maintainer, 'bin', 40)
  await app.member(developer, 'bin', 30)
  await publish(app.root, 'bin/lib', 'tool', '1.0')
  const pkg = await idOf('bin/lib', 'tool', '1.0')
  const at = `/projects/${id}/packages/${pkg}`
  assert.equal((await ask(developer, `DELETE ${at}`)).status, 403)
  assert.equal((await ask(maintainer, `DELETE ${at}`)).status, 204)
  assert.equal((await ask(maintainer, `DELETE ${at}`)).status, 404)
  assert.equal((await ask(maintainer, `GET ${at}`)).status, 404)
  assert.equal((await maintainer.get(addressOf('bin/lib', 'tool', '1.0'))).status, 404)
  const removed = `/projects/${id}/packages?status=pending_destruction`
  assert.equal((await ask(developer, `GET ${removed}`)).status, 403)
  assert.deepEqual(words((await ask(maintainer, `GET ${removed}`)).body), ['tool 1.0'])
  assert.equal((await ask(maintainer, 'GET /groups/bin/packages?status=pending_destruction')).body.length, 1)
  assert.equal((await ask(maintainer, `GET ${at}?status=pending_destruction`)).body.id, pkg)
  assert.equal((await ask(developer, `POST ${at}/restore`)).status, 403)
  assert.equal((await ask(maintainer, `POST ${at}/restore`)).body.status, 'default')
  assert.equal((await ask(maintainer, `POST ${at}/restore`)).status, 404)
  assert.equal((await maintainer.get(addressOf('bin/lib', 'tool', '1.0'))).status, 200)
})

test('one deletes what oneself published within the hour; purging is for maintainers, removed before or not', async () => {
  const { id } = await app.project('purge/lib')
  const developer = await app.user('pd')
  await app.member(developer, 'purge', 30)
  await publish(developer, 'purge/lib', 'tool', '1.0')
  await publish(developer, 'purge/lib', 'tool', '2.0')
  const [first, second] = [await idOf('purge/lib', 'tool', '1.0'), await idOf('purge/lib', 'tool', '2.0')]
  assert.equal((await ask(developer, `DELETE /projects/${id}/packages/${first}?purge=true`)).status, 403)
  assert.equal((await ask(developer, `DELETE /projects/${id}/packages/${first}`)).status, 204)
  assert.equal((await ask(app.root, `DELETE /projects/${id}/packages/${first}?purge=true`)).status, 204)
  assert.equal((await ask(app.root, `POST /projects/${id}/packages/${first}/restore`)).status, 404)
  assert.equal((await ask(app.root, `DELETE /projects/${id}/packages/${second}?purge=true`)).status, 204)
  const removed = await ask(app.root, `GET /projects/${id}/packages?status=pending_destruction`)
  assert.deepEqual(removed.body, [])
})

test('files are listed, removed one by one and restored', async () => {
  const { id } = await app.project('files/lib')
  await publish(app.root, 'files/lib', 'tool', '1.0', 'b.bin')
  await publish(app.root, 'files/lib', 'tool', '1.0', 'a.bin')
  const at = `/projects/${id}/packages/${await idOf('files/lib', 'tool', '1.0')}`
  const list = async (query = '') => (await ask(app.root, `GET ${at}/package_files${query}`)).body
  const names = (files: any[]) => files.map((one) => one.file_name)
  assert.deepEqual(names(await list()), ['b.bin', 'a.bin'])
  assert.deepEqual(names(await list('?order_by=file_name&per_page=1')), ['a.bin'])
  const [file, other] = await list()
  assert.match(file.file_sha256, /^[0-9a-f]{64}$/)
  assert.equal((await ask(app.root, `DELETE ${at}/package_files/${file.id}`)).status, 204)
  assert.equal((await ask(app.root, `DELETE ${at}/package_files/${file.id}`)).status, 404)
  assert.deepEqual(names(await list()), ['a.bin'])
  assert.deepEqual(names(await list('?status=pending_destruction')), ['b.bin'])
  assert.equal((await app.root.get(addressOf('files/lib', 'tool', '1.0', 'b.bin'))).status, 404)
  assert.equal((await ask(app.root, `POST ${at}/package_files/${file.id}/restore`)).status, 201)
  assert.equal((await app.root.get(addressOf('files/lib', 'tool', '1.0', 'b.bin'))).status, 200)
  await ask(app.root, `DELETE ${at}/package_files/${file.id}`)
  assert.equal((await ask(app.root, `DELETE ${at}/package_files/${other.id}`)).status, 204)
  assert.equal((await ask(app.root, `GET ${at}`)).status, 404, 'a package goes with its last file')
})

test('If-Unmodified-Since refuses what changed since', async () => {
  const { id } = await app.project('since/lib')
  await publish(app.root, 'since/lib', 'tool', '1.0')
  const at = `DELETE /projects/${id}/packages/${await idOf('since/lib', 'tool', '1.0')}`
  const since = (ms: number) => ({ 'if-unmodified-since': new Date(app.clock.now() + ms).toUTCString() })
  const refused = await ask(app.root, at, undefined, since(-60_000))
  assert.deepEqual([refused.status, refused.body], [412, { message: '412 Precondition Failed' }])
  assert.equal((await ask(app.root, at, undefined, since(60_000))).status, 204)
})

test('lists beyond 10,000 are not counted', async () => {
  const { id } = await app.project('many/lib')
  await publish(app.root, 'many/lib', 'tool', '0')
  await app.core.database.write(async (db) => {
    const first = await db
      .selectFrom('packages')
      .selectAll()
      .where('project_id', '=', id)
      .executeTakeFirstOrThrow()
    const { id: _, ...row } = first
    for (let from = 1; from <= 10_000; from += 500) {
      const rows = Array.from({ length: 500 }, (__, at) => ({
        ...row,
        version: `${from + at}`,
        version_key: `${from + at}`,
      }))
      await db.insertInto('packages').values(rows).execute()
    }
  })
  const { headers, body } = await ask(app.root, `GET /projects/${id}/packages?per_page=100&page=2`)
  assert.equal(body.length, 100)
  assert.equal(headers.get('x-total'), null)
  assert.equal(headers.get('x-next-page'), '3')
  assert.doesNotMatch(headers.get('link')!, /rel="last"/)
})

test('a switched-off registry answers 404', async () => {
  const off = await createTestApp({ env: { ENTREPOT_PACKAGES__ENABLED: 'false' } })
  try {
    const { id } = await off.project('off/lib')
    assert.equal((await ask(off.root, `GET /projects/${id}/packages`)).status, 404)
    assert.equal((await ask(off.root, 'GET /groups/off/packages')).status, 404)
    assert.equal((await ask(off.root, `GET /projects/${id}`)).status, 200)
  } finally {
    await off.close()
  }
})
