import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settingsRule } from './settings.ts'

const read = (fields: object, before?: Parameters<typeof settingsRule.read>[1]) =>
  settingsRule.read(fields as Record<string, unknown>, before)
const made = { id: 7, ...read({ codename: 'trixie', suite: 'stable', origin: 'Acme' }) }

test('a new suite has what GitLab gives it', () => {
  assert.deepEqual(settingsRule.json({ id: 7, ...read({ codename: 'trixie' }) }), {
    id: 7,
    codename: 'trixie',
    suite: null,
    origin: null,
    label: null,
    version: null,
    description: null,
    valid_time_duration_seconds: null,
    components: ['main'],
    architectures: ['all', 'amd64'],
    automatic: true,
    automatic_upgrades: false,
    contents: false,
  })
})

test('what is left out stays, and what is empty goes', () => {
  const changed = read({ origin: '', label: 'Ours', valid_time_duration_seconds: '172800' }, made)
  assert.deepEqual(
    [
      changed.key,
      changed.alias,
      changed.settings.origin,
      changed.settings.label,
      changed.settings.validSeconds,
    ],
    ['trixie', 'stable', undefined, 'Ours', 172_800],
  )
  const again = read(
    { suite: null, valid_time_duration_seconds: null, architectures: ['arm64', 'arm64'], automatic: 'false' },
    { id: 7, ...changed },
  )
  assert.deepEqual(
    [again.alias, again.settings.validSeconds, again.settings.architectures, again.settings.automatic],
    [undefined, undefined, ['arm64'], false],
  )
})

const refusals: readonly (readonly [fields: object, message: RegExp])[] = [
  [{}, /codename is missing/],
  [{ codename: '../x' }, /distribution "\.\.\/x" is not allowed/],
  [{ codename: 7 }, /codename is no text/],
  [{ codename: 'x', suite: 'x' }, /suite must differ from codename/],
  [{ codename: 'x', origin: 'a\nSuite: b' }, /origin/],
  [{ codename: 'x', label: 'a\u2028b ' }, /label/],
  [{ codename: 'x', valid_time_duration_seconds: 60 }, /whole number from 86400/],
  [{ codename: 'x', valid_time_duration_seconds: 'soon' }, /whole number/],
  [{ codename: 'x', components: [] }, /list of 1 to 50 names/],
  [{ codename: 'x', components: Array.from({ length: 51 }, (_, at) => `c${at}`) }, /list of 1 to 50 names/],
  [{ codename: 'x', components: ['a/b'] }, /component/],
  [{ codename: 'x', components: ['debian-installer'] }, /debian-installer/],
  [{ codename: 'x', architectures: [7] }, /list of names/],
  [{ codename: 'x', architectures: ['source'] }, /no architecture/],
  [{ codename: 'x', architectures: ['linux-any'] }, /no architecture/],
  [{ codename: 'x', automatic: 'perhaps' }, /automatic must be true or false/],
]

test('what no suite can have is refused', () => {
  for (const [fields, message] of refusals) assert.throws(() => read(fields), { status: 400, message })
  assert.throws(() => read({ codename: 'sid' }, made), /cannot be changed/)
})
