import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { join } from 'node:path'
import { createActor } from '../../test/actor.ts'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { databaseEnv, makeTestDatabase } from '../../test/database.ts'

const launcher = join(import.meta.dirname, '../../entrepot.mjs')

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

let app: TestApp
before(async () => {
  app = await createTestApp()
})
after(() => app.close())

/** Runs `entrepot` as a person would, beside the running server. */
async function entrepot(args: readonly string[], { env = {}, input = '' } = {}): Promise<Ended> {
  const child = spawn(process.execPath, [launcher, ...args], {
    cwd: app.config.data,
    env: {
      PATH: process.env['PATH'],
      TMPDIR: process.env['TMPDIR'],
      ENTREPOT_DATA: app.config.data,
      ENTREPOT_PUBLIC_URL: app.url,
      ...databaseEnv(app.config),
      ...env,
    },
  })
  child.stdin.end(input)
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { code, out: out.trimEnd(), err: err.trimEnd() }
}

const remote = () => ({ env: { ENTREPOT_URL: app.url, ENTREPOT_TOKEN: app.root.token } })

describe('commands that open the database', () => {
  test('user create prints a link at which the user chooses a password', async () => {
    const { code, out } = await entrepot(['user', 'create', 'alice', '--name', 'Alice Adams', '--json'])
    assert.equal(code, 0)
    const { username, link } = JSON.parse(out)
    assert.equal(username, 'alice')
    assert.ok(link.startsWith(`${app.url}/password?key=`))
    const again = await entrepot(['user', 'create', 'ALICE'])
    assert.deepEqual([again.code, again.err], [1, 'entrepot user create: the username ALICE is taken'])
  })

  test('user create takes a password from standard input only', async () => {
    const made = await entrepot(['user', 'create', 'bob', '--admin', '--password-stdin'], {
      input: 'correct horse battery\n',
    })
    assert.deepEqual([made.code, made.out], [0, 'user bob was added'])
    const short = await entrepot(['user', 'create', 'carol', '--password-stdin'], { input: 'short\n' })
    assert.deepEqual(
      [short.code, short.err],
      [1, 'entrepot user create: password must have at least 12 characters'],
    )
    assert.equal((await entrepot(['user', 'create', 'carol', '--password', 'x'])).code, 2)
  })

  test('user reset-password prints a link, or sets the password', async () => {
    const { code, out } = await entrepot(['user', 'reset-password', 'root'])
    assert.equal(code, 0)
    assert.match(out, /^user root chooses a password at http\S+\/password\?key=\S+\n/)
    const set = await entrepot(['user', 'reset-password', 'root', '--password-stdin'], {
      input: 'another long password',
    })
    assert.equal(set.out, 'user root has a new password')
    const missing = await entrepot(['user', 'reset-password', 'zed'])
    assert.deepEqual(
      [missing.code, missing.err],
      [1, 'entrepot user reset-password: there is no user zed; add them with `entrepot user create zed`'],
    )
  })

  test('token create prints a token that works at once', async () => {
    const args = [
      'token',
      'create',
      'root',
      '--name',
      'ci',
      '--scope',
      'read_api',
      '--scope',
      'read_package_registry',
    ]
    const { code, out } = await entrepot([...args, '--expires-in', '30'])
    assert.equal(code, 0)
    const holder = createActor(app.url, { id: 0, username: 'holder', token: out })
    const self = await holder.json('GET', '/api/v4/personal_access_tokens/self')
    assert.deepEqual([self.name, self.scopes], ['ci', ['read_api', 'read_package_registry']])
    assert.equal((await entrepot(['token', 'create', 'root', '--scope', 'api'])).code, 2)
    assert.equal((await entrepot(['token', 'create', 'root', '--name', 'x'])).code, 2)
    assert.equal((await entrepot([...args, '--expires-in', 'soon'])).code, 2)
    const unknown = await entrepot(['token', 'create', 'root', '--name', 'x', '--scope', 'sudo'])
    assert.deepEqual([unknown.code, /choose among api/.test(unknown.err)], [1, true])
  })
})

describe('commands that look after what is stored', () => {
  const at = '/api/v4/projects/care%2Ffiles/packages'

  test('gc frees what nothing needs, and says why the rest stays', async () => {
    await app.project('care/files')
    for (const version of ['kept', 'removed', 'purged'])
      assert.equal((await app.root.put(`${at}/generic/tool/${version}/file`, version)).status, 201)
    const packages = await app.root.json('GET', at)
    for (const { id, version } of packages) {
      if (version === 'kept') continue
      const query = version === 'purged' ? '?purge=true' : ''
      assert.equal((await app.root.delete(`${at}/${id}${query}`)).status, 204)
    }
    const dry = await entrepot(['gc', '--dry-run'])
    assert.equal(dry.code, 0, dry.err)
    assert.match(dry.out, /^needed by packages +1 blobs +4 B\n/)
    assert.match(dry.out, /needed by removed packages only +1 blobs +7 B +the last restorable until 20/)
    assert.match(dry.out, /not needed, kept for a while +1 blobs +6 B +the last until 20/)
    const now = await entrepot(['gc', '--json'], { env: { ENTREPOT_PACKAGES__COLLECT_AFTER: '0' } })
    const { referenced, restorable, waiting, due, deleting } = JSON.parse(now.out)
    const blobs = [referenced, restorable, waiting, due, deleting].map((amount) => amount.blobs)
    assert.deepEqual(blobs, [1, 1, 0, 0, 0])
  })

  test('verify names damaged files, and fails then', async () => {
    assert.equal((await entrepot(['verify'])).code, 0)
    const row = await app.core.database.read
      .selectFrom('blobs')
      .select('storage_key')
      .where('size', '=', 4)
      .executeTakeFirstOrThrow()
    const file = join(app.config.packages.storagePath, 'blobs', row.storage_key)
    writeFileSync(file, 'spil')
    const found = await entrepot(['verify', '--project', 'care/files', '--since', '2026-01-01'])
    assert.equal(found.code, 1, found.err)
    assert.match(found.out, /^verified 2 blobs, 11 B: 1 damaged/)
    assert.match(found.out, /damaged: care\/files generic tool\/kept\/file \(sha256 [0-9a-f]{64}\)/)
    writeFileSync(file, 'kept')
    const { damaged, repaired } = JSON.parse((await entrepot(['verify', '--json'])).out)
    assert.deepEqual([damaged, repaired], [0, 1])
    for (const wrong of [
      ['--sample', '0%'],
      ['--since', 'soon'],
      ['--project', 'care/nothing'],
    ])
      assert.equal((await entrepot(['verify', ...wrong])).code, 2, wrong.join(' '))
  })

  test('quota shows and sets how much may be stored', async () => {
    const set = await entrepot(['quota', '--group', 'care', '--limit', '5KB'], remote())
    assert.deepEqual([set.code, set.out], [0, '11 B of 5.0 KB'])
    const none = await entrepot(['quota', '--group', 'care', '--limit', 'none'], remote())
    assert.equal(none.out, '11 B of any amount')
    assert.equal((await entrepot(['quota', '--project', 'care/files'], remote())).out, '11 B of any amount')
  })
})

describe('backup, restore and doctor', () => {
  const key = 'a key for tests, long enough to be one'
  test('a backup beside the running server restores elsewhere', async () => {
    const project = await app.project('saved/things')
    const at = `/api/v4/projects/${project.id}/packages/generic/tool/1.0/tool.bin`
    assert.equal((await app.root.put(at, 'the tool')).status, 201)
    const directory = join(app.config.data, '../backup')
    const made = await entrepot(['backup', directory])
    assert.equal(made.code, 0, made.err)
    assert.match(made.out, /^backup {6}\S+\nas of/)
    assert.match(made.err, /NOTE: The secret key itself is not in this backup/)
    const again = JSON.parse(
      (await entrepot(['backup', directory, '--json', '--rehash', '--at-once', '1'])).out,
    )
    assert.deepEqual([again.copied.count, again.damaged], [0, []])

    const database = await makeTestDatabase({ isEmpty: true })
    const elsewhere = { ENTREPOT_DATA: join(app.config.data, '../elsewhere'), ...database.env }
    const without = await entrepot(['restore', directory], { env: elsewhere })
    assert.equal(without.code, 1)
    assert.match(without.err, /this server has none yet.*--new-secret-key/)
    const env = { ...elsewhere, ENTREPOT_SECRET_KEY: key }
    const restored = await entrepot(['restore', directory, '--json'], { env })
    assert.equal(restored.code, 0, restored.err)
    assert.equal(JSON.parse(restored.out).snapshot, again.path.split('/').at(-1))
    const healthy = await entrepot(['doctor', '--json'], { env })
    assert.deepEqual([healthy.code, JSON.parse(healthy.out).problems], [0, 0], healthy.out)
    assert.equal((await entrepot(['backup', directory, '--at-once', 'all'])).code, 2)
    assert.equal((await entrepot(['backup', directory, '--keep', '0'])).code, 2)
    const kept = await entrepot(['backup', directory, '--keep', '1'])
    assert.match(kept.out, /^removed {5}2 snapshots, 0 files \(0 B\)$/m)
    assert.equal((await readdir(join(directory, 'snapshots'))).length, 1)
    await database.drop()
  })

  test('doctor looks at everything, also through the public URL', async () => {
    const env = { ENTREPOT_SECRET_KEY: key }
    const well = await entrepot(['doctor', '--url', app.url], { env })
    assert.equal(well.code, 0, well.out)
    assert.match(well.out, /^ok +large bodies +arrive whole$/m)
    assert.match(well.out, /^0 problems/m)
    const ill = await entrepot(['doctor', '--url', 'http://127.0.0.1:1'], { env })
    assert.equal(ill.code, 1)
    assert.match(ill.out, /^PROBLEM +public URL +broken off: .*ECONNREFUSED/m)
    const wrong = await entrepot(['doctor', '--json'], { env: { ENTREPOT_LOG__LEVEL: 'loud' } })
    assert.equal(wrong.code, 1)
    assert.match(JSON.parse(wrong.out).findings[1].words, /log\.level/)
    assert.equal((await entrepot(['doctor', '--url', 'here'], { env })).code, 2)
  })
})

describe('commands that speak to a server', () => {
  test('retention dry-run lists what would go', async () => {
    const project = await app.project('tidy/old')
    for (const version of ['1.0', '1.1']) {
      await app.root.put(`/api/v4/projects/${project.id}/packages/generic/tool/${version}/tool.bin`, version)
      app.clock.advance(1000)
    }
    const none = await entrepot(['retention', 'dry-run', '--group', 'tidy'], remote())
    assert.deepEqual([none.code, none.out], [0, 'nothing would be removed'])
    const rule = { name: 'few', keep_n: 1 }
    await app.root.json('POST', `/api/v4/projects/${project.id}/packages/retention/rules`, rule)
    const { out } = await entrepot(['retention', 'dry-run', '--project', 'tidy/old'], remote())
    assert.equal(out, 'remove  tidy/old  generic  tool  1.0  few: not among the 1 newest')
    const all = await entrepot(
      ['retention', 'dry-run', '--project', 'tidy/old', '--keeping', '--json'],
      remote(),
    )
    assert.equal(all.out.split('\n').length, 2)
    assert.equal((await entrepot(['retention', 'dry-run'], remote())).code, 2)
  })

  test('job list shows what is done apart from requests, job retry does it now', async () => {
    const row = {
      kind: 'test-cli',
      key: 'x',
      run_at: 4_000_000_000_000,
      attempts: 9,
      error: 'no',
      created_at: 1,
    }
    const { id } = await app.core.database.write((db) =>
      db.insertInto('jobs').values(row).returning('id').executeTakeFirstOrThrow(),
    )
    const failed = await entrepot(['job', 'list', '--state', 'failed'], remote())
    assert.equal(failed.out, `${id}  test-cli x  failed  2096-10-02 07:06 UTC  attempt 9: no`)
    assert.equal(
      (await entrepot(['job', 'retry', String(id)], remote())).out,
      `job ${id} (test-cli) runs now`,
    )
    const listed = await entrepot(['job', 'list', '--kind', 'test-cli', '--json'], remote())
    assert.deepEqual(JSON.parse(listed.out)[0].attempts, 0)
    await app.core.database.write((db) => db.deleteFrom('jobs').where('id', '=', id).execute())
    assert.equal((await entrepot(['job', 'list', '--kind', 'test-cli'], remote())).out, 'no jobs')
    assert.equal((await entrepot(['job', 'retry', 'x'], remote())).code, 2)
  })

  test('groups, projects and packages, from nothing to a list', async () => {
    assert.match((await entrepot(['group', 'create', 'acme'], remote())).out, /^group acme was made/)
    const sub = await entrepot(['group', 'create', 'acme/web', '--name', 'The web', '--json'], remote())
    assert.equal(JSON.parse(sub.out).full_name, 'acme / The web')
    const project = await entrepot(['project', 'create', 'acme/web/lib'], remote())
    assert.match(project.out, /^project acme\/web\/lib was made/)
    const empty = await entrepot(['package', 'list', '--group', 'acme'], remote())
    assert.deepEqual([empty.code, empty.out], [0, 'no packages'])
    for (const version of ['1.0', '1.10']) {
      const path = `/api/v4/projects/acme%2Fweb%2Flib/packages/generic/tool/${version}/tool.bin`
      assert.equal((await app.root.put(path, version)).status, 201)
      app.clock.advance(1000)
    }
    const { out } = await entrepot(['package', 'list', '--group', 'acme', '--name', 'OO'], remote())
    assert.deepEqual(
      out.split('\n').map((line) => line.replace(/\d{4}-\d\d-\d\d/, 'DATE')),
      ['generic  tool  1.10  DATE  acme/web/lib', 'generic  tool  1.0   DATE  acme/web/lib'],
    )
    const json = await entrepot(['package', 'list', '--project', 'acme/web/lib', '--json'], remote())
    assert.equal(JSON.parse(json.out).length, 2)
    const none = await entrepot(['package', 'list', '--project', 'acme/web/lib', '--format', 'npm'], remote())
    assert.equal(none.out, 'no packages')
  })

  test('what the server refuses is said in its words', async () => {
    const taken = await entrepot(['project', 'create', 'nowhere/lib'], remote())
    assert.deepEqual([taken.code, taken.err], [1, 'entrepot project create: 404 Group Not Found (404)'])
    const wrong = await entrepot(['group', 'create', 'x'], {
      env: { ENTREPOT_URL: app.url, ENTREPOT_TOKEN: 'no' },
    })
    assert.equal(wrong.code, 1)
    assert.match(wrong.err, /401/)
  })

  test('what is missing or wrong in the call is named', async () => {
    const cases: [string[], Record<string, string>, RegExp][] = [
      [['group', 'create', 'x'], {}, /ENTREPOT_URL is missing/],
      [['group', 'create', 'x'], { ENTREPOT_URL: app.url }, /ENTREPOT_TOKEN is missing/],
      [['group', 'create', 'x'], { ENTREPOT_URL: 'here', ENTREPOT_TOKEN: 'x' }, /no http\(s\) address/],
      [['group', 'create'], remote().env, /expects <path> after it/],
      [['group', 'create', 'x', '--visibility', 'secret'], remote().env, /private, internal, public/],
      [['project', 'create', 'lonely'], remote().env, /a project stands in a group/],
      [['package', 'list'], remote().env, /--project <path> or --group <path>/],
      [['package', 'burn'], {}, /there is no command package burn/],
    ]
    for (const [args, env, words] of cases) {
      const { code, err } = await entrepot(args, { env })
      assert.equal(code, 2, `${args.join(' ')}: ${err}`)
      assert.match(err, words)
    }
    const unreachable = { ENTREPOT_URL: 'http://127.0.0.1:1', ENTREPOT_TOKEN: 'x' }
    const { code, err } = await entrepot(['group', 'create', 'x'], { env: unreachable })
    assert.equal(code, 1)
    assert.match(err, /cannot reach http:\/\/127\.0\.0\.1:1.*is the server running/)
  })
})

test('every command explains itself with an example', async () => {
  const overview = await entrepot([])
  assert.equal(overview.code, 0)
  const names = [...overview.out.matchAll(/^ {2}([a-z]+(?: [a-z-]+)?) {2}/gm)].map(([, name]) => name!)
  assert.ok(names.includes('user create') && names.includes('package list') && names.includes('version'))
  for (const name of names) {
    const { code, out } = await entrepot([...name.split(' '), '--help'])
    assert.equal(code, 0, name)
    assert.match(out, new RegExp(`^entrepot ${name}`))
  }
  const version = JSON.parse((await entrepot(['version', '--json'])).out)
  assert.match(version.version, /^\d+\.\d+\.\d+/)
})
