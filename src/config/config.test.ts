import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { ConfigError } from './config-error.ts'
import { loadConfig } from './config.ts'
import type { Config } from './config.ts'
import { settingsTable } from './reference.ts'
import { configSchema } from './schema.ts'

const formats = [
  { id: 'wheel', maxFileSize: 1000, upstream: {} },
  { id: 'crate', maxFileSize: 2000 },
]
let cwd: string
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'entrepot-config-'))
})
afterEach(() => rmSync(cwd, { recursive: true }))

function load(yaml?: string, env: Record<string, string> = {}): Config {
  if (yaml !== undefined) writeFileSync(join(cwd, 'entrepot.yml'), yaml)
  return loadConfig({ env, formats, cwd })
}

function instances(env: Record<string, string>): Config['packages']['instance'] {
  return load(undefined, env).packages.instance
}

function problems(yaml?: string, env: Record<string, string> = {}): string {
  try {
    load(yaml, env)
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error))
    return error.message.replaceAll(`${cwd}/`, '')
  }
  assert.fail('the configuration was accepted')
}

describe('a configuration without a word', () => {
  it('is complete', () => {
    const config = load()
    assert.equal(config.file, undefined)
    assert.equal(config.listen, '127.0.0.1:8080')
    assert.equal(config.publicUrl, 'http://127.0.0.1:8080')
    assert.equal(config.publicUrlIsDefault, true)
    assert.equal(config.data, join(cwd, 'data'))
    assert.equal(config.packages.storagePath, join(cwd, 'data/packages'))
    assert.deepEqual(config.database, { kind: 'sqlite', path: join(cwd, 'data/entrepot.db') })
    assert.deepEqual(config.access, { anonymous: false })
    assert.deepEqual(config.limits, { headersTimeout: 30_000, stallTimeout: 60_000, keepAlive: 75_000 })
    assert.deepEqual(config.cache, { documentsBytes: 67_108_864, filesBytes: 67_108_864 })
    assert.deepEqual(config.packages.maxFileSize, { wheel: 1000, crate: 2000 })
    assert.deepEqual(config.packages.instance, {})
  })

  it('is frozen all the way down', () => {
    const config = load('packages: {instance: {wheel: [acme]}}')
    const instance = config.packages.instance as Record<string, string[]>
    assert.throws(() => instance.wheel!.push('x'), TypeError)
    assert.throws(() => Object.assign(config.limits, { keepAlive: 1 }), TypeError)
  })

  it('does not take a file of no keys, or keys of no value, amiss', () => {
    for (const yaml of ['', '# nothing\n', 'tls:\npackages:\n  object_store:\n    connection:\n']) {
      assert.deepEqual(
        { ...load(yaml), file: undefined },
        { ...loadConfig({ env: {}, formats, cwd }), file: undefined },
      )
    }
  })
})

describe('the file', () => {
  it('sets what it names', () => {
    const config = load(`
listen: '[::]:9000'
public_url: https://example.com/registry/
tls: { cert: certs/server.pem, key: /etc/key.pem }
packages:
  restore_days: 0
  storage_path: ./bytes
  instance: { wheel: [platform, acme/libs] }
  wheel: { max_file_size: 5GB }
  crate: { max_file_size: 0 }
limits: { stall_timeout: 500ms }
database: sqlite:db/e.db
`)
    assert.equal(config.publicUrl, 'https://example.com/registry')
    assert.equal(config.publicUrlIsDefault, false)
    assert.deepEqual(config.tls, { cert: join(cwd, 'certs/server.pem'), key: '/etc/key.pem' })
    assert.equal(config.packages.storagePath, join(cwd, 'bytes'))
    assert.deepEqual(config.packages.instance, { wheel: ['platform', 'acme/libs'] })
    assert.deepEqual(config.packages.maxFileSize, { wheel: 5e9, crate: Number.MAX_SAFE_INTEGER })
    assert.equal(config.limits.stallTimeout, 500)
    assert.deepEqual(config.database, { kind: 'sqlite', path: join(cwd, 'db/e.db') })
  })

  it('is the named one, else the one here, else the one in the data directory', () => {
    const place = (path: string, days: number) => {
      mkdirSync(dirname(join(cwd, path)), { recursive: true })
      writeFileSync(join(cwd, path), `packages: {restore_days: ${days}}`)
    }
    place('store/entrepot.yml', 1)
    assert.equal(load(undefined, { ENTREPOT_DATA: 'store' }).packages.restoreDays, 1)
    place('entrepot.yml', 2)
    assert.equal(load(undefined, { ENTREPOT_DATA: 'store' }).packages.restoreDays, 2)
    place('other.yml', 3)
    assert.equal(load(undefined, { ENTREPOT_CONFIG: 'other.yml' }).packages.restoreDays, 3)
    place('flag.yml', 4)
    const env = { ENTREPOT_CONFIG: 'other.yml' }
    assert.equal(loadConfig({ env, file: 'flag.yml', formats, cwd }).packages.restoreDays, 4)
  })

  it('counts its relative paths from where it lies', () => {
    mkdirSync(join(cwd, 'etc'))
    writeFileSync(join(cwd, 'etc/e.yml'), 'data: ../var\ntls: {cert: c.pem, key: k.pem}')
    const config = load(undefined, { ENTREPOT_CONFIG: 'etc/e.yml', ENTREPOT_TLS__KEY: 'k.pem' })
    assert.equal(config.data, join(cwd, 'var'))
    assert.deepEqual(config.tls, { cert: join(cwd, 'etc/c.pem'), key: join(cwd, 'k.pem') })
  })

  it('must be there when named, readable, YAML, and not name another data directory than its own', () => {
    assert.match(
      problems(undefined, { ENTREPOT_CONFIG: 'gone.yml' }),
      /^config: cannot read gone.yml: ENOENT[^\n]*$/,
    )
    assert.match(problems('a: [1'), /^config: entrepot.yml is not valid YAML: [^\n]*line 1[^\n]*$/)
    assert.match(problems('listen: x\nlisten: y'), /not valid YAML: Map keys must be unique/)
    assert.match(problems('- a'), /must hold keys and values/)
    assert.match(problems(`a: ${'['.repeat(100_000)}`), /^config: entrepot.yml is not valid YAML/)
    assert.match(problems('x'.repeat(1024 * 1024 + 1)), /larger than/)
    rmSync(join(cwd, 'entrepot.yml'))
    mkdirSync(join(cwd, 'data'))
    writeFileSync(join(cwd, 'data/entrepot.yml'), 'data: /elsewhere')
    assert.match(problems(), /data \(in data\/entrepot.yml\): .*ENTREPOT_DATA/)
  })
})

describe('the environment', () => {
  it('wins over the file, key by key', () => {
    const yaml =
      'listen: 127.0.0.1:1\naccess: {anonymous: false}\npackages: {restore_days: 3, enabled: false}'
    const config = load(yaml, {
      ENTREPOT_LISTEN: '127.0.0.1:2',
      ENTREPOT_ACCESS__ANONYMOUS: 'true',
      ENTREPOT_PACKAGES__RESTORE_DAYS: '30',
      ENTREPOT_PACKAGES__WHEEL__MAX_FILE_SIZE: '1KiB',
      ENTREPOT_LIMITS__STALL_TIMEOUT: '2',
      ENTREPOT_DATA: 'd',
    })
    assert.equal(config.listen, '127.0.0.1:2')
    assert.equal(config.access.anonymous, true)
    assert.equal(config.packages.restoreDays, 30)
    assert.equal(config.packages.enabled, false)
    assert.equal(config.packages.maxFileSize.wheel, 1024)
    assert.equal(config.limits.stallTimeout, 2000)
    assert.equal(config.data, join(cwd, 'd'))
  })

  it('takes lists and whole sections', () => {
    const expected = { wheel: ['acme', 'libs/py'] }
    assert.deepEqual(instances({ ENTREPOT_PACKAGES__INSTANCE__WHEEL: 'acme, libs/py' }), expected)
    assert.deepEqual(instances({ ENTREPOT_PACKAGES__INSTANCE__WHEEL: '[acme, libs/py]' }), expected)
    assert.deepEqual(instances({ ENTREPOT_PACKAGES__INSTANCE: '{wheel: [acme, libs/py]}' }), expected)
  })

  it('ignores the empty, the foreign, the command line’s own and what Kubernetes adds', () => {
    const env = {
      HOME: '/',
      ENTREPOT_LISTEN: '',
      ENTREPOT_URL: 'http://127.0.0.1',
      ENTREPOT_TOKEN: 't',
      ENTREPOT_PORT: 'tcp://10.0.0.1:80',
      ENTREPOT_PORT_80_TCP_ADDR: '10.0.0.1',
      ENTREPOT_SERVICE_PORT_HTTP: '80',
    }
    assert.deepEqual(load(undefined, env), load())
  })

  it('has no unknown variables', () => {
    const said = problems(undefined, {
      ENTREPOT_PACKGES__ENABLED: 'true',
      ENTREPOT_ELEPHANT: '1',
      ENTREPOT_listen: 'x',
    })
    assert.match(
      said,
      /unknown variable ENTREPOT_PACKGES__ENABLED: did you mean ENTREPOT_PACKAGES__ENABLED\?/,
    )
    assert.match(said, /unknown variable ENTREPOT_ELEPHANT: allowed are ENTREPOT_LISTEN, /)
    assert.match(said, /unknown variable ENTREPOT_listen: did you mean ENTREPOT_LISTEN\?/)
    assert.match(problems(undefined, { ENTREPOT___PROTO____X: '1' }), /unknown variable/)
  })

  it('is named in errors', () => {
    assert.equal(
      problems(undefined, { ENTREPOT_PACKAGES__RESTORE_DAYS: 'week' }),
      'config: packages.restore_days (from ENTREPOT_PACKAGES__RESTORE_DAYS) must be a whole number from 0 to 3650, not "week"',
    )
    assert.match(problems(undefined, { ENTREPOT_TLS: '{' }), /^config: ENTREPOT_TLS is not valid YAML/)
  })
})

describe('errors', () => {
  const sso = 'sso: {issuer: https://login.example.com, client_id: a'
  it('name unknown keys and the one that was meant', () => {
    assert.equal(
      problems('packges: {}'),
      "config: unknown key 'packges' (in entrepot.yml): did you mean 'packages'?",
    )
    assert.equal(
      problems('packages: {whell: {}}'),
      "config: unknown key 'packages.whell' (in entrepot.yml): did you mean 'packages.wheel'?",
    )
    assert.match(problems('packages: {instance: {elephant: []}}'), /allowed here are wheel, crate$/)
    assert.match(problems('__proto__: {a: 1}'), /unknown key '__proto__'/)
  })

  it('come all at once, a line each', () => {
    const lines = problems('listen: 8080\naccess: {anonymous: maybe}\nlog: {level: loud}\nx: 1').split('\n')
    assert.equal(lines.length, 4)
    assert.ok(lines.every((line) => line.startsWith('config: ')))
  })

  const cases: [yaml: string, said: RegExp][] = [
    ['listen: 8080', /listen .* must be an address and a port, such as '127.0.0.1:8080' .*, not 8080$/],
    ['public_url: ftp://x', /public_url .* must be an http or https URL/],
    ['tls: {cert: a}', /^config: tls.key is missing: it must be a path$/],
    ['tls: yes please', /tls .* must be a section with the keys cert, key$/],
    ['data: 5', /data .* must be a path, not 5/],
    ['access: {anonymous: "true"}', /access.anonymous .* must be true or false, not "true"/],
    ['groups: {create_top_level: all}', /must be one of 'admins', 'users', not "all"/],
    ['log: {level: 3}', /log.level .* must be one of 'fatal'/],
    ['limits: {keep_alive: 0}', /limits.keep_alive .* must be a number of seconds above zero/],
    ['packages: {restore_days: 1.5}', /packages.restore_days .* whole number/],
    ['packages: {wheel: {max_file_size: big}}', /packages.wheel.max_file_size .* must be a number of bytes/],
    ['packages: {wheel: 5}', /packages.wheel .* section with the keys max_file_size/],
    ['packages: {instance: {wheel: acme}}', /packages.instance.wheel .* must be a list of group paths/],
    ['packages: {instance: {wheel: [../x]}}', /packages.instance.wheel .* must be a list of group paths/],
    [
      'packages: {object_store: {enabled: true}}',
      /object_store.remote_directory is missing: it must be the name of a bucket/,
    ],
    [
      'packages: {object_store: {remote_directory: b, connection: {aws_access_key_id: a}}}',
      /object_store.connection needs both aws_access_key_id and aws_secret_access_key, or use_iam_profile/,
    ],
    [
      'packages: {object_store: {connection: {endpoint: "s3.example.com"}}}',
      /object_store.connection.endpoint .* must be an http or https URL/,
    ],
    ['packages: {object_store: {prefix: /a}}', /object_store.prefix .* must be a path without a slash/],
    ['packages: {object_store: {connection: {provider: Google}}}', /connection.provider .* one of 'AWS'/],
    [
      'packages: {object_store: {connection: {provder: AWS}}}',
      /did you mean 'packages.object_store.connection.provider'/,
    ],
    ['database: postgres://db', /database .* must be a path, 'sqlite:' and a path, or an address/],
    ['database: postgres://db/x?sslmode=prefer', /database .*: sslmode must be one of/],
    ['database: mysql://db/x', /database .* must be a path, 'sqlite:' and a path, or an address/],
    ['password_sign_in: false', /password_sign_in: false leaves nobody a way to sign in; set sso/],
    ['sso: {issuer: acme}', /sso.issuer .* must be an issuer's URL, such as/],
    [`${sso}, scopes: profile}`, /sso.scopes .*: 'openid' must be among them/],
    [`${sso}, group_roles: [{claim: a, group: b, role: king}]}`, /sso.group_roles .* must be a list such as/],
    [
      `${sso}, group_roles: [{claim: a, group: b, role: owner, x: 1}]}`,
      /sso.group_roles .* must be a list such/,
    ],
    ['cache: {files_bytes: -1}', /cache.files_bytes .* must be a number of bytes/],
  ]
  for (const [yaml, said] of cases) {
    it(`explain ${yaml}`, () => assert.match(problems(yaml), said))
  }

  it('never show a secret', () => {
    const secrets =
      'secret_key: hunter2\npackages: {object_store: {connection: hunter2}}\nsso: {client_secret: [hunter2]}'
    assert.doesNotMatch(problems(secrets), /hunter2/)
    assert.match(problems(secrets), /secret_key .* must be a secret text of 32 to 1024 characters/)
  })

  it('stop a format that would hide a key', () => {
    assert.throws(
      () => configSchema([{ id: 'enabled', maxFileSize: 1 }]),
      /a format cannot be called enabled/,
    )
  })
})

describe('what people read', () => {
  const root = join(import.meta.dirname, '../..')

  it('docs/configuration.md holds the table of the schema', () => {
    const path = join(root, 'docs/configuration.md')
    const expected = `<!-- settings -->\n${settingsTable()}\n<!-- /settings -->`
    const text = readFileSync(path, 'utf8')
    const updated = text.replace(/<!-- settings -->[^]*<!-- \/settings -->/, () => expected)
    if (process.env.UPDATE_DOCS) writeFileSync(path, updated)
    else assert.equal(text, updated, 'run this test with UPDATE_DOCS=1 to write the table anew')
    assert.ok(updated.includes(expected))
  })

  it('entrepot.example.yml spells out the defaults, and names every section', () => {
    const text = readFileSync(join(root, 'entrepot.example.yml'), 'utf8')
    assert.deepEqual(
      { ...load(text), file: undefined, fingerprints: {}, publicUrlIsDefault: true },
      { ...load(''), file: undefined, fingerprints: {} },
    )
    for (const key of Object.keys(configSchema([]).shape))
      assert.match(text, new RegExp(`^(# )?${key}:`, 'm'), key)
  })

  it('the lines of entrepot.example.yml that are commented out are valid as well', () => {
    const text = readFileSync(join(root, 'entrepot.example.yml'), 'utf8')
    const all = text.replace(/^( *)# ([a-z_<>]+:.*)$/gm, '$1$2').replaceAll('<format>', 'wheel')
    const config = load(all)
    assert.ok(config.tls && config.secretKey && config.packages.instance.wheel)
  })
})
