import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { createTestApp, type Actor, type TestApp } from '../../../test/app.ts'
import { sampleBody } from '../../formats/npm/samples.ts'
import { enqueue } from '../records/job-requests.ts'
import { findProject } from '../records/projects.ts'
import { retain } from './run.ts'

let app: TestApp
let owner: Actor
before(async () => {
  app = await createTestApp()
  owner = await app.user('olga')
  await app.group('acme')
  await app.member(owner, 'acme', 50)
})
after(() => app.close())
afterEach(async () => {
  await app.core.database.write(async (db) => {
    await db.deleteFrom('retention_rules').execute()
    await db.deleteFrom('cleanup_policies').execute()
    await db.deleteFrom('protection_rules').execute()
  })
})

const at = (path: string) => `/api/v4/projects/${encodeURIComponent(path)}`
let made = 0
/** A new project below acme. */
async function newProject(): Promise<string> {
  made += 1
  return (await app.project(`acme/project-${made}`)).full_path
}

async function publish(project: string, name: string, ...versions: string[]): Promise<void> {
  for (const version of versions) {
    const body = JSON.stringify(sampleBody({ name, version, content: `${name} ${version}` }))
    const reply = await app.root.put(`${at(project)}/packages/npm/${name}`, body)
    assert.ok(reply.ok, `${reply.status} ${await reply.text()}`)
  }
}
async function versionsOf(project: string, name = ''): Promise<string[]> {
  const all: any[] = await app.root.json(
    'GET',
    `${at(project)}/packages?per_page=100&package_name=${encodeURIComponent(name)}`,
  )
  return all.map(({ version }) => version).toSorted()
}
const addRule = (where: string, rule: object) =>
  owner.json('POST', `/api/v4/${where}/packages/retention/rules`, rule)
const projectPath = (project: string) => `projects/${encodeURIComponent(project)}`

/** What a dry run says, page by page. */
async function dryRun(where: string, query = ''): Promise<any[]> {
  const found: any[] = []
  let cursor = ''
  do {
    const page = await owner.json(
      'GET',
      `/api/v4/${where}/packages/retention/dry_run?per_page=2${query}${cursor && `&cursor=${cursor}`}`,
    )
    found.push(...page.packages)
    cursor = page.next_cursor
  } while (cursor)
  return found
}

async function runRetention(): Promise<void> {
  await app.core.database.write((db) => enqueue(db, 'retention', '', app.clock.now()))
  await app.app.worker.drain()
}

test('a rule lets go what a dry run foretold, can be taken back, and its events name it', async () => {
  const project = await newProject()
  await publish(project, 'tool', '1.9.0', '1.10.0', '2.0.0-rc.1', '1.11.0', '1.12.0')
  const rule = await addRule(projectPath(project), { name: 'few', package_type: 'npm', keep_n: 2 })
  assert.deepEqual([rule.enabled, rule.package_name_pattern], [false, '*'])

  const foretold = await dryRun(projectPath(project))
  assert.deepEqual(
    foretold.map(({ version, action, reason, rule: by }) => [version, action, reason, by.name]),
    [
      ['1.10.0', 'remove', 'not among the 2 newest', 'few'],
      ['1.9.0', 'remove', 'not among the 2 newest', 'few'],
    ],
  )
  const all = await dryRun(projectPath(project), '&keeping=true')
  assert.deepEqual(
    all.filter(({ action }) => action === 'keep').map(({ version, reason }) => `${version} ${reason}`),
    ['1.12.0 among the 2 newest', '1.11.0 among the 2 newest', '2.0.0-rc.1 among the 2 newest'],
  )
  assert.deepEqual(await dryRun(projectPath(project), '&enabled_only=true'), [])

  await runRetention()
  assert.equal((await versionsOf(project)).length, 5, 'it is not switched on')
  await owner.json('PATCH', `${at(project)}/packages/retention/rules/${rule.id}`, { enabled: true })
  await runRetention()
  assert.deepEqual(await versionsOf(project), ['1.11.0', '1.12.0', '2.0.0-rc.1'])
  assert.equal((await app.root.get(`${at(project)}/packages/npm/tool/-/tool-1.9.0.tgz`)).status, 404)

  const [event] = await owner.json('GET', `${at(project)}/audit_events?kind=package.removed&sort=asc`)
  const { details } = event
  assert.deepEqual(
    [details.author_name, details.package_name, details.data],
    [null, 'tool', { retention_rule: { id: rule.id, name: 'few' }, reason: 'not among the 2 newest' }],
  )
  const restored = await owner.post(`${at(project)}/packages/${foretold[0].package_id}/restore`, {})
  assert.equal(restored.status, 201)
  assert.deepEqual(await versionsOf(project), ['1.10.0', '1.11.0', '1.12.0', '2.0.0-rc.1'])
})

test('tags and protected names stay', async () => {
  const project = await newProject()
  await publish(project, 'tool', '1.0.0', '1.1.0', '1.2.0')
  await publish(project, 'core-lib', '1.0.0', '1.1.0')
  await owner.put(`${at(project)}/packages/npm/-/package/tool/dist-tags/lts`, '"1.0.0"')
  await owner.json('POST', `${at(project)}/packages/protection/rules`, {
    package_name_pattern: 'core-*',
    package_type: 'npm',
    minimum_access_level_for_delete: 'owner',
  })
  await addRule(projectPath(project), { keep_n: 1, enabled: true })
  const [held] = (await dryRun(projectPath(project), '&keeping=true')).filter(
    ({ version, name }) => version === '1.0.0' && name === 'core-lib',
  )
  assert.deepEqual([held.action, held.reason], ['keep', 'protected from removal by core-*'])
  await runRetention()
  assert.deepEqual(await versionsOf(project, 'tool'), ['1.0.0', '1.2.0'])
  assert.deepEqual(await versionsOf(project, 'core-lib'), ['1.0.0', '1.1.0'])
})

test('rules of a group hold below it, until a project has its own for the format', async () => {
  const [one, two] = [await newProject(), await newProject()]
  for (const project of [one, two]) await publish(project, 'tool', '1.0.0', '1.1.0', '1.2.0')
  await addRule('groups/acme', { keep_n: 1, enabled: true })
  await addRule(projectPath(two), { keep_n: 2, enabled: true, package_type: 'npm' })
  const foretold = await dryRun('groups/acme')
  assert.deepEqual(
    [one, two].map((path) => foretold.filter(({ project_path: p }) => p === path).length),
    [2, 1],
  )
  await runRetention()
  assert.deepEqual(await versionsOf(one), ['1.2.0'])
  assert.deepEqual(await versionsOf(two), ['1.1.0', '1.2.0'])
})

test('what changes while it is judged, and what rules were about that are gone, stays', async () => {
  const { core } = app
  const project = await newProject()
  await publish(project, 'tool', '1.0.0', '1.1.0')
  const row = (await findProject(core.database.read, (await app.project(project)).id))!
  const rule = await addRule(projectPath(project), { keep_n: 1, enabled: true })
  /** Runs retention, with something else done just before it removes. */
  const retainAfter = (meanwhile: () => Promise<unknown>) => {
    const write: typeof core.database.write = async (work, options) => {
      await meanwhile()
      return core.database.write(work, options)
    }
    return retain({ ...core, database: { ...core.database, write } }, row, new AbortController().signal)
  }
  await retainAfter(() => owner.put(`${at(project)}/packages/npm/-/package/tool/dist-tags/lts`, '"1.0.0"'))
  assert.deepEqual(await versionsOf(project), ['1.0.0', '1.1.0'])
  await owner.delete(`${at(project)}/packages/npm/-/package/tool/dist-tags/lts`)
  await retainAfter(() => owner.delete(`${at(project)}/packages/retention/rules/${rule.id}`))
  assert.deepEqual(await versionsOf(project), ['1.0.0', '1.1.0'])
  await addRule(projectPath(project), { keep_n: 1, enabled: true })
  await retainAfter(async () => {})
  assert.deepEqual(await versionsOf(project), ['1.1.0'])
})

test("GitLab's cleanup policy keeps the newest builds of each file of a SNAPSHOT", async () => {
  const project = await newProject()
  const dir = `${at(project)}/packages/maven/com/acme/app/1.0-SNAPSHOT`
  const files: string[] = []
  for (let build = 1; build <= 12; build++) {
    for (const end of ['.jar', '-sources.jar']) {
      const file = `app-1.0-20240101.0000${String(build).padStart(2, '0')}-${build}${end}`
      assert.ok((await app.root.put(`${dir}/${file}`, file)).ok)
      files.push(file)
    }
    app.clock.advance(1000)
  }
  const release = `${at(project)}/packages/maven/com/acme/app/1.0/app-1.0.jar`
  assert.ok((await app.root.put(release, 'release')).ok)
  const policy = `${at(project)}/packages/cleanup/policy`
  assert.deepEqual(await owner.json('GET', policy), {
    keep_n_duplicated_package_files: 'all',
    next_run_at: null,
  })
  const set = await owner.json('PUT', policy, { keep_n_duplicated_package_files: '10' })
  assert.equal(set.keep_n_duplicated_package_files, '10')
  assert.ok(Date.parse(set.next_run_at) > app.clock.now())
  const wrong = await owner.request('PUT', policy, {
    body: { keep_n_duplicated_package_files: '7' } as never,
  })
  assert.equal(wrong.status, 400)

  const [foretold] = await dryRun(projectPath(project))
  assert.equal(foretold.action, 'remove_files')
  assert.deepEqual(
    foretold.files.map((path: string) => path.split('/').at(-1)).toSorted(),
    files.slice(0, 4).toSorted(),
  )
  await runRetention()
  const statuses = await Promise.all(files.map(async (file) => (await app.root.get(`${dir}/${file}`)).status))
  assert.deepEqual(statuses, [...Array(4).fill(404), ...Array(20).fill(200)])
  assert.equal((await app.root.get(release)).status, 200)
  const metadata = await (await app.root.get(`${dir}/maven-metadata.xml`)).text()
  assert.match(metadata, /<buildNumber>12<\/buildNumber>/)
  await owner.json('PUT', policy, { keep_n_duplicated_package_files: 'all' })
  assert.equal((await owner.json('GET', policy)).next_run_at, null)
})

test('a name with thousands of versions is no loop of statements', async () => {
  const project = await newProject()
  await publish(project, 'big', '0.0.1')
  const { core } = app
  const db = core.database.read
  const name = await db
    .selectFrom('names')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()
  const first = await db
    .selectFrom('packages')
    .selectAll()
    .where('name_id', '=', name.id)
    .executeTakeFirstOrThrow()
  const file = await db
    .selectFrom('files')
    .selectAll()
    .where('package_id', '=', first.id)
    .executeTakeFirstOrThrow()
  const count = 3000
  await core.database.write(async (trx) => {
    for (let from = 0; from < count; from += 500) {
      const versions = Array.from({ length: 500 }, (_, index) => `1.0.${from + index}`)
      const { id: _, ...pkg } = first
      const rows = await trx
        .insertInto('packages')
        .values(versions.map((version) => ({ ...pkg, version, version_key: version })))
        .returning(['id', 'version'])
        .execute()
      const { id: __, ...one } = file
      await trx
        .insertInto('files')
        .values(rows.map((row) => ({ ...one, package_id: row.id, path: `big/-/big-${row.version}.tgz` })))
        .execute()
    }
  })
  await addRule(projectPath(project), { keep_n: 10, enabled: true })
  const earlier = core.database.counts.statements
  await runRetention()
  const statements = core.database.counts.statements - earlier
  assert.equal((await versionsOf(project)).length, 11)
  assert.ok(statements < 400, `${statements} statements for ${count} versions`)
  const tombstones = await db
    .selectFrom('tombstones')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('name_id', '=', name.id)
    .executeTakeFirstOrThrow()
  assert.equal(Number(tombstones.n), count - 10)
})
