import assert from 'node:assert/strict'
import { test } from 'node:test'
import { releaseText, type ReleaseFacts } from './release.ts'

const bare: ReleaseFacts = {
  codename: 'trixie',
  alias: undefined,
  settings: undefined,
  date: new Date('2024-07-02T05:20:50Z'),
  components: ['main'],
  architectures: ['all'],
  files: [{ path: 'main/source/Sources', size: 0, sha256: 'e3b0' }],
}
const set = { v: 1, components: [], architectures: [] } as const

test('a suite that nobody set anything for says what there is', () => {
  const expected = [
    'Suite: trixie',
    'Codename: trixie',
    'Date: Tue, 02 Jul 2024 05:20:50 UTC',
    'Acquire-By-Hash: yes',
    'Architectures: all',
    'Components: main',
    'SHA256:',
    ' e3b0 0 main/source/Sources',
    '',
  ]
  assert.equal(releaseText(bare), expected.join('\n'))
})

test('what is set stands in it, with the time until which it is valid', () => {
  const settings = {
    ...set,
    origin: 'Acme',
    label: 'Ours',
    version: '13',
    description: 'all of it',
    validSeconds: 86_400,
    automatic: false,
    automaticUpgrades: true,
  }
  const text = releaseText({ ...bare, alias: 'stable', settings, architectures: ['all', 'amd64'] })
  const expected = [
    'Origin: Acme',
    'Label: Ours',
    'Suite: stable',
    'Version: 13',
    'Codename: trixie',
    'Date: Tue, 02 Jul 2024 05:20:50 UTC',
    'Valid-Until: Wed, 03 Jul 2024 05:20:50 UTC',
    'NotAutomatic: yes',
    'ButAutomaticUpgrades: yes',
    'Acquire-By-Hash: yes',
    'No-Support-for-Architecture-all: Packages',
    'Architectures: all amd64',
    'Components: main',
    'Description: all of it',
  ]
  assert.equal(text.split('\nSHA256:')[0], expected.join('\n'))
})

test('upgrades alone are not told where all is automatic', () => {
  const settings = { ...set, automatic: true, automaticUpgrades: true }
  assert.doesNotMatch(releaseText({ ...bare, settings }), /Automatic/)
})
