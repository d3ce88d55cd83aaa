import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RetentionRuleRow } from '../../database/schema.ts'
import type { VersionRules } from '../../formats/format.ts'
import type { RetainedVersion } from '../records/retained.ts'
import { judge } from './judge.ts'

const day = 86_400_000
const now = 1000 * day

/** Dotted numbers; what has a hyphen is a prerelease. */
const order: VersionRules = {
  normalize: (version) => version,
  compare: (a, b) => a.localeCompare(b, 'en', { numeric: true }),
  isPrerelease: (version) => version.includes('-'),
}

const rule = (what: Partial<RetentionRuleRow>): RetentionRuleRow => ({
  id: 1,
  project_id: 1,
  group_id: null,
  name: 'tidy',
  enabled: 1,
  format: null,
  name_pattern: '*',
  version_pattern: '*',
  stability: 'any',
  keep_n: null,
  older_than_days: null,
  age_from: 'publication',
  created_at: 1,
  updated_at: 1,
  ...what,
})

interface Known {
  readonly daysOld?: number
  readonly downloadedDaysAgo?: number
  readonly tags?: readonly string[]
}

/** Published in this order, each a hundred days ago unless it says otherwise. */
function versionsOf(all: Readonly<Record<string, Known>>): RetainedVersion[] {
  return Object.entries(all)
    .map(([version, { daysOld = 100, downloadedDaysAgo, tags = [] }], at) => ({
      id: at + 1,
      version,
      version_key: version,
      created_at: now - daysOld * day,
      published_at: now - daysOld * day,
      last_downloaded_at: downloadedDaysAgo === undefined ? null : now - downloadedDaysAgo * day,
      tags,
    }))
    .toReversed()
}

function goneOf(
  rules: readonly RetentionRuleRow[],
  all: Readonly<Record<string, Known>>,
  { protectedBy, by = order }: { readonly protectedBy?: string; readonly by?: VersionRules } = {},
) {
  const verdicts = judge({ rules, order: by, versions: versionsOf(all), protectedBy, now })
  const gone = verdicts.filter(({ goes }) => goes).map(({ version }) => version.version)
  const reasons = Object.fromEntries(verdicts.map(({ version, reason }) => [version.version, reason]))
  return { gone: gone.toSorted(), reasons }
}

test('the newest stay, by the order of versions and not of publications', () => {
  const { gone, reasons } = goneOf([rule({ keep_n: 2 })], { '1.9': {}, '1.10': {}, '1.11': {}, '1.8': {} })
  assert.deepEqual(gone, ['1.8', '1.9'])
  assert.equal(reasons['1.10'], 'among the 2 newest')
  assert.equal(reasons['1.8'], 'not among the 2 newest')
})

test('where versions have no order the last published are the newest', () => {
  const by: VersionRules = { normalize: (version) => version }
  assert.deepEqual(goneOf([rule({ keep_n: 2 })], { b: {}, a: {}, c: {} }, { by }).gone, ['b'])
})

test('prereleases never push out releases', () => {
  const all = { '1.0': {}, '2.0': {}, '3.0-a': {}, '3.0-b': {}, '3.0-c': {} }
  assert.deepEqual(goneOf([rule({ keep_n: 2 })], all).gone, ['3.0-a'])
  assert.deepEqual(goneOf([rule({ keep_n: 1, stability: 'prerelease' })], all).gone, ['3.0-a', '3.0-b'])
  assert.deepEqual(goneOf([rule({ keep_n: 1, stability: 'release' })], all).gone, ['1.0'])
})

test('a rule with a count and an age lets go what is both old and not among the newest', () => {
  const all = { '1': { daysOld: 40 }, '2': { daysOld: 20 }, '3': { daysOld: 40 }, '4': { daysOld: 40 } }
  const { gone, reasons } = goneOf([rule({ keep_n: 2, older_than_days: 30 })], all)
  assert.deepEqual(gone, ['1'])
  assert.equal(reasons['1'], 'not among the 2 newest, not published within 30 days')
  assert.equal(reasons['2'], 'published within 30 days')
})

test('age counts from the last download where the rule says so', () => {
  const all = { '1': { downloadedDaysAgo: 3 }, '2': { downloadedDaysAgo: 50 }, '3': {}, '4': { daysOld: 5 } }
  assert.deepEqual(goneOf([rule({ older_than_days: 30, age_from: 'download' })], all).gone, ['2', '3'])
  assert.deepEqual(goneOf([rule({ older_than_days: 30 })], all).gone, ['1', '2', '3'])
})

test('a tag, a protection rule and a rule without conditions hold what others let go', () => {
  const all = { '1.0': { tags: ['lts'] }, '1.1': {}, '1.2-keep': {}, '2.0': {} }
  const tidy = rule({ older_than_days: 1 })
  const keep = rule({ id: 2, version_pattern: '*-keep' })
  const { gone, reasons } = goneOf([tidy, keep], all)
  assert.deepEqual(gone, ['1.1', '2.0'])
  assert.deepEqual([reasons['1.0'], reasons['1.2-keep']], ['tagged lts', 'the rule keeps it'])
  const held = goneOf([tidy], all, { protectedBy: 'core-*' })
  assert.deepEqual(held.gone, [])
  assert.equal(held.reasons['2.0'], 'protected from removal by core-*')
})

test('what no rule is about stays', () => {
  const { gone, reasons } = goneOf([rule({ version_pattern: '*-nightly', older_than_days: 1 })], {
    '1.0': {},
    '1.1-nightly': {},
  })
  assert.deepEqual(gone, ['1.1-nightly'])
  assert.equal(reasons['1.0'], 'no rule is about it')
  assert.deepEqual(goneOf([], { '1.0': {} }).gone, [])
})
