import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadConfig } from './config.ts'
import { liveConfig } from './live-config.ts'
import { configSchema } from './schema.ts'
import { settingsOf } from './schema-walk.ts'
import { variableName } from './environment.ts'

const formats = [{ id: 'wheel', maxFileSize: 1000 }]
const load = (env: Record<string, string> = {}) =>
  loadConfig({ env: { ENTREPOT_DATA: '/nowhere', ...env }, formats, cwd: '/nowhere' })

/** A value other than the default for every setting that can change at run time. */
const others: Readonly<Record<string, string>> = {
  'shutdown.delay': '5s',
  'shutdown.grace': '1m',
  'metrics.enabled': 'false',
  'metrics.allow': '10.0.0.0/8',
  'metrics.token': 'a text that is long enough',
  'log.level': 'debug',
  'log.requests': 'off',
  'limits.headers_timeout': '7s',
  'limits.stall_timeout': '8s',
  'limits.keep_alive': '9s',
  'http.trusted_proxies': '10.0.0.1',
  'rate_limits.throttle_unauthenticated_packages_api_enabled': 'true',
  'rate_limits.throttle_unauthenticated_packages_api_requests_per_period': '7',
  'rate_limits.throttle_unauthenticated_packages_api_period_in_seconds': '8',
  'rate_limits.throttle_authenticated_packages_api_enabled': 'true',
  'rate_limits.throttle_authenticated_packages_api_requests_per_period': '7',
  'rate_limits.throttle_authenticated_packages_api_period_in_seconds': '8',
  'rate_limits.failed_authentications_per_minute': '3',
  'rate_limits.uploads_at_once': '3',
  'packages.restore_days': '3',
  'packages.wheel.max_file_size': '17',
}
/** What a throttle allows is there only while it is on. */
const on = {
  ENTREPOT_RATE_LIMITS__THROTTLE_UNAUTHENTICATED_PACKAGES_API_ENABLED: 'true',
  ENTREPOT_RATE_LIMITS__THROTTLE_AUTHENTICATED_PACKAGES_API_ENABLED: 'true',
}
const withoutPrints = (config: ReturnType<typeof load>) => ({ ...config, fingerprints: {} })

test('every setting that is marked so takes effect at run time, and alone', () => {
  const marked = settingsOf(configSchema(formats)).filter(({ words }) => words.atRunTime)
  assert.deepEqual(
    marked.map(({ path }) => path.join('.')),
    Object.keys(others),
  )
  for (const { path } of marked) {
    const key = path.join('.')
    const base = key.endsWith('_enabled') ? {} : on
    const next = load({ ...base, [variableName(path)]: others[key]! })
    const live = liveConfig(load(base), formats)
    assert.deepEqual(live.take(next), { taken: [key], waiting: [] })
    assert.deepEqual(withoutPrints(live.current), withoutPrints(next), key)
    assert.notDeepEqual(withoutPrints(live.current), withoutPrints(load(base)), key)
    assert.deepEqual(live.take(next), { taken: [], waiting: [] }, 'the second time nothing changed')
  }
})

test('everything else waits, and is named each time until the restart', () => {
  const live = liveConfig(load(), formats)
  const next = load({ ENTREPOT_ACCESS__ANONYMOUS: 'true', ENTREPOT_LOG__LEVEL: 'warn' })
  assert.deepEqual(live.take(next), { taken: ['log.level'], waiting: ['access.anonymous'] })
  assert.deepEqual([live.current.access.anonymous, live.current.log.level], [false, 'warn'])
  assert.deepEqual(live.take(next), { taken: [], waiting: ['access.anonymous'] })
  assert.ok(Object.isFrozen(live.current.log))
})

test('what is kept for comparing does not show a secret', () => {
  const secret = 'a secret text of more than 32 characters'
  const { fingerprints } = load({ ENTREPOT_SECRET_KEY: secret })
  assert.ok(!JSON.stringify(fingerprints).includes(secret))
  assert.notEqual(fingerprints['secret_key'], load().fingerprints['secret_key'])
})
