import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StoredSettings } from './models.ts'
import { planSuite } from './suite-plan.ts'

const settings = (components: string[], architectures: string[]): StoredSettings => ({
  v: 1,
  components,
  architectures,
  automatic: true,
  automaticUpgrades: false,
})
const shown = (...given: Parameters<typeof planSuite>) =>
  planSuite(...given).indexes.map(({ folder, from }) => `${folder}: ${from.join(' ')}`)

test('a list of an architecture has what is for all, and every component has every architecture', () => {
  const lists = ['main/binary-all', 'main/binary-arm64', 'contrib/source']
  assert.deepEqual(shown(lists, undefined), [
    'main/binary-all: main/binary-all',
    'main/binary-arm64: main/binary-arm64 main/binary-all',
    'main/source: ',
    'contrib/binary-all: ',
    'contrib/binary-arm64: ',
    'contrib/source: contrib/source',
  ])
})

test('what is set is shown also where there is nothing', () => {
  const { components, architectures } = planSuite(['x/binary-i386'], settings(['z', 'main'], ['amd64']))
  assert.deepEqual(components, ['main', 'x', 'z'])
  assert.deepEqual(architectures, ['all', 'amd64', 'i386'])
  assert.deepEqual(shown([], undefined), [])
  assert.equal(shown([], settings(['main'], ['all', 'amd64'])).length, 3)
})

test('the installer has lists where it has packages', () => {
  const found = shown(['main/binary-amd64', 'main/debian-installer/binary-all'], undefined)
  assert.deepEqual(found, [
    'main/binary-all: ',
    'main/binary-amd64: main/binary-amd64',
    'main/debian-installer/binary-all: main/debian-installer/binary-all',
    'main/debian-installer/binary-amd64: main/debian-installer/binary-all',
    'main/source: ',
  ])
})

test('with very many architectures and components empty lists are left out', () => {
  const components = Array.from({ length: 50 }, (_, at) => `c${at}`)
  const architectures = Array.from({ length: 50 }, (_, at) => `a${at}`)
  const found = shown(['c1/binary-a1'], settings(components, architectures))
  assert.equal(found.filter((line) => line.includes('/binary-')).join(), 'c1/binary-a1: c1/binary-a1')
})
