import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { makeCertificate } from '../../test/certificate.ts'
import { configure } from '../app.ts'
import type { Config } from '../config/config.ts'
import { noteRestore } from '../core/records/instance.ts'
import { lookAtCertificate } from './certificate.ts'
import { brokenConfiguration, lookAtConfiguration } from './configuration.ts'
import { judgeSkew } from './clocks.ts'
import { lookAtDatabase } from './database.ts'
import { judgeRoom, lookAtDirectory, lookAtSecretKey } from './files.ts'
import { finding, type Finding } from './finding.ts'
import { lookAtNode } from './node-version.ts'
import { lookAtStorage } from './storage.ts'

let dir: string
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'entrepot-doctor-'))
})
after(() => rm(dir, { recursive: true, force: true }))

const configOf = (env: Record<string, string>) =>
  configure({ env: { ENTREPOT_DATA: join(dir, 'data'), ...env }, cwd: dir })
const wrong = (found: readonly Finding[]) => found.filter(({ verdict }) => verdict !== 'ok')

describe('doctor, about the machine', () => {
  test('names every key of the configuration that is wrong', () => {
    try {
      configOf({ ENTREPOT_LISTEN: 'nowhere', ENTREPOT_PACKAGES__RESTORE_DAYS: 'week' })
      assert.fail('the configuration was taken')
    } catch (error) {
      const found = brokenConfiguration(error)
      assert.equal(found.length, 2)
      assert.match(found.map(({ words }) => words).join(), /listen.*packages\.restore_days/s)
    }
    assert.throws(() => brokenConfiguration(new Error('something else')), /something else/)
  })

  test('warns of public URLs that are hardly meant', () => {
    const about = (env: Record<string, string>) =>
      wrong(lookAtConfiguration(configOf(env))).map((one) => one.about)
    assert.deepEqual(about({}), [])
    assert.deepEqual(about({ ENTREPOT_LISTEN: '[::]:8080' }).includes('public_url'), true)
    assert.deepEqual(about({ ENTREPOT_PUBLIC_URL: 'http://packages.example.com' }), ['public_url'])
    const secure = { ENTREPOT_PUBLIC_URL: 'https://packages.example.com' }
    assert.deepEqual(about(secure), ['http.trusted_proxies'])
    assert.deepEqual(about({ ...secure, ENTREPOT_HTTP__TRUSTED_PROXIES: '10.0.0.1' }), [])
  })

  test('knows the Node that this program needs', () => {
    assert.equal(lookAtNode(process.version).verdict, 'ok')
    assert.equal(lookAtNode('v22.1.0').verdict, 'problem')
    assert.equal(lookAtNode('v26.0.0').verdict, 'warning')
  })

  test('sees who may read the secret key and the data', async () => {
    const config = configOf({})
    assert.equal((await lookAtSecretKey(config)).verdict, 'warning')
    assert.equal((await lookAtDirectory(config.data, undefined)).verdict, 'warning')
    const key = { ...config, secretKeyPath: join(dir, 'secret_key') }
    await writeFile(key.secretKeyPath, 'secret', { mode: 0o644 })
    assert.deepEqual((await lookAtSecretKey(key)).advice, [`chmod 600 ${key.secretKeyPath}`])
    await chmod(key.secretKeyPath, 0o600)
    assert.equal((await lookAtSecretKey(key)).verdict, 'ok')
    await chmod(dir, 0o755)
    assert.match((await lookAtDirectory(dir, undefined)).words, /open to every user/)
    await chmod(dir, 0o750)
    assert.equal((await lookAtDirectory(dir, process.getuid!())).verdict, 'ok')
    assert.match((await lookAtDirectory(dir, 4711)).words, /this is user 4711/)
  })

  test('warns of a full disk before it is one', () => {
    const verdict = (free: number, size: number) => judgeRoom('/data', { free, size }).verdict
    assert.equal(verdict(500e9, 1e12), 'ok')
    assert.equal(verdict(50e9, 1e12), 'warning')
    assert.equal(verdict(19e9, 1e12), 'problem')
    assert.equal(verdict(0.9e9, 10e9), 'problem')
  })

  test('tells how long the certificate is good, and for whom', async () => {
    const { cert, key } = makeCertificate()
    const tls = { cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem') }
    await writeFile(tls.cert, cert)
    await writeFile(tls.key, key)
    const look = async (now: number, publicUrl = 'https://127.0.0.1', files = tls) =>
      (await lookAtCertificate({ tls: files, publicUrl } as Config, now))[0]!
    const now = Date.now()
    assert.match((await look(now)).words, /runs out in \d+ days/)
    assert.match((await look(now + 3 * 86_400_000)).words, /ran out on/)
    assert.match((await look(now - 3 * 86_400_000)).words, /not valid yet/)
    assert.match((await look(now, 'https://packages.example.com')).words, /not for packages\.example\.com/)
    await writeFile(join(dir, 'other.pem'), makeCertificate().key)
    assert.match(
      (await look(now, undefined, { ...tls, key: join(dir, 'other.pem') })).words,
      /is not the key of/,
    )
    assert.match((await look(now, undefined, { ...tls, cert: join(dir, 'none.pem') })).words, /ENOENT/)
    assert.deepEqual(await lookAtCertificate(configOf({}), now), [])
  })
})

describe('doctor, about the database and the storage', () => {
  let app: TestApp
  before(async () => {
    app = await createTestApp()
  })
  after(() => app.close())
  const look = async (secretKey?: string) => wrong(await lookAtDatabase(app.core.database, secretKey))

  test('finds nothing in a server that is well', async () => {
    assert.deepEqual(await look(app.core.secretKey), [])
    assert.equal((await lookAtStorage(app.core.blobs)).verdict, 'ok')
  })

  test('finds another secret key, an unfinished restore and failed jobs, and writes nothing', async () => {
    const { database } = app.core
    await database.write(async (db) => {
      await noteRestore(db, 'one')
      await db.updateTable('jobs').set({ error: 'the disk is on fire' }).where('kind', '=', 'purge').execute()
    })
    const found = await look('another key for tests, long enough to be one')
    assert.deepEqual(
      found.map(({ about }) => about),
      ['secret key', 'restore', 'jobs'],
    )
    assert.match(found[2]!.words, /purge failed .*on fire/)
    await database.write(async (db) => {
      await db.updateTable('jobs').set({ error: null }).execute()
      await db.deleteFrom('instance').where('key', '=', 'restoring').execute()
    })
    const rows = await database.read
      .selectFrom('instance')
      .select('key')
      .where('key', '=', 'doctor')
      .execute()
    assert.deepEqual(rows, [])
  })

  test('finds a schema that a newer version made', async () => {
    const { database } = app.core
    const row = { name: '9999-later', timestamp: '' }
    await database.write((db) =>
      db
        .insertInto('kysely_migration' as 'instance')
        .values(row as never)
        .execute(),
    )
    const [found] = await look()
    await database.write((db) =>
      db
        .deleteFrom('kysely_migration' as 'instance')
        .where('name' as 'key', '=', row.name)
        .execute(),
    )
    assert.match(found!.words, /changed by a newer Entrepot \(9999-later\)/)
  })

  test('finds clocks that differ', () => {
    assert.equal(judgeSkew('database', 'it', 100).verdict, 'ok')
    assert.equal(judgeSkew('database', 'it', 5000).verdict, 'warning')
    assert.match(judgeSkew('database', 'it', 60_000).words, /differ by 60 s/)
  })

  test('finds a store that lies, keeps everything, or takes nothing', async () => {
    const { blobs } = app.core
    const lying = { ...blobs, read: async () => Buffer.from('x') }
    assert.match((await lookAtStorage(lying)).words, /other bytes/)
    const keys: string[] = []
    const keeping = { ...blobs, delete: async (key: string) => void keys.push(key) }
    assert.match((await lookAtStorage(keeping)).words, /keeps what was deleted/)
    for (const key of keys) await blobs.delete(key)
    const full = {
      ...blobs,
      write: async (): Promise<never> => {
        throw new Error('no room')
      },
    }
    assert.deepEqual(await finding('storage', () => lookAtStorage(full)), {
      about: 'storage',
      verdict: 'problem',
      words: 'no room',
      advice: [],
    })
  })
})
