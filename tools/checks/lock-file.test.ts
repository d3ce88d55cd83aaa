import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lockProblems } from './lock-file.ts'

const entry = { version: '1.0.0', integrity: 'sha512-x' }

test('a complete lock file passes, wherever npm put an optional package', () => {
  const packages = {
    '': {},
    'node_modules/a': { ...entry, optionalDependencies: { 'a-linux': '1.0.0', 'a-mac': '1.0.0' } },
    'node_modules/a/node_modules/a-linux': entry,
    'node_modules/a-mac': entry,
    'node_modules/b/node_modules/@c/d': { ...entry, optionalDependencies: { e: '1.0.0' } },
    'node_modules/b/node_modules/e': entry,
  }
  assert.deepEqual(lockProblems({ packages }), [])
})

test('a missing platform, a missing digest and a registry address are each named', () => {
  const packages = {
    'node_modules/a': { ...entry, optionalDependencies: { 'a-linux': '1.0.0', 'a-mac': '1.0.0' } },
    'node_modules/a-linux': { version: '1.0.0' },
    'node_modules/b': { ...entry, resolved: 'https://registry.example/b.tgz' },
  }
  const [integrity, resolved, platform, ...rest] = lockProblems({ packages })
  assert.match(integrity!, /a-linux has no integrity/)
  assert.match(resolved!, /node_modules\/b names the registry/)
  assert.match(platform!, /node_modules\/a lacks 1 of its optional packages/)
  assert.deepEqual(rest, [])
})
