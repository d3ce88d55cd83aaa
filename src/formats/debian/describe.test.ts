import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FileView, PackageView } from '../format.ts'
import { describe } from './describe.ts'
import type { DebianModels, StoredFile } from './models.ts'

function view(...files: readonly Omit<StoredFile, 'v' | 'distribution' | 'component'>[]) {
  const withPlace = files.map((one) => ({
    metadata: { v: 1, distribution: 'sid', component: 'main', ...one },
  }))
  const found = { name: 'hello', version: '1.0-1', files: withPlace as unknown as FileView<DebianModels>[] }
  return describe(found as unknown as PackageView<DebianModels>)
}

const source = {
  kind: 'dsc',
  section: 'devel',
  fields: [
    ['Homepage', 'https://example.com/hello'],
    ['Vcs-Browser', 'javascript:alert(1)'],
    ['Build-Depends', 'debhelper-compat (= 13), gcc [amd64] <!nocheck>'],
  ],
} as const
const binary = {
  kind: 'deb',
  architecture: 'amd64',
  fields: [
    ['Depends', 'libc6 (>= 2.36), debconf (>= 0.5) | debconf-2.0,\n python3:any'],
    ['Installed-Size', '42'],
    ['Description', 'says hello\n In many ways.\n .\n  * also so'],
  ],
} as const

test('a package is told by what people install of it', () => {
  const told = view(source, binary)
  assert.deepEqual([told.summary, told.readme], ['says hello', 'In many ways.\n\n * also so'])
  assert.deepEqual(told.dependencies, [
    { group: 'Depends', name: 'libc6', range: '>= 2.36' },
    { group: 'Depends', name: 'debconf | debconf-2.0', range: '>= 0.5 | *' },
    { group: 'Depends', name: 'python3:any', range: '*' },
  ])
  assert.deepEqual(told.facts, [
    { label: 'Suites', value: 'sid/main' },
    { label: 'Architecture', value: 'amd64' },
    { label: 'Section', value: 'devel' },
    { label: 'Installed size', value: '42 KiB' },
  ])
})

test('a source package by itself has links and what it is built with, and no address that runs', () => {
  const told = view(source)
  assert.deepEqual([told.summary, told.readme], [undefined, undefined])
  assert.deepEqual(told.links, { Homepage: 'https://example.com/hello' })
  assert.deepEqual(
    told.dependencies?.map(({ name, range }) => `${name} ${range}`),
    ['debhelper-compat = 13', 'gcc *'],
  )
})

test('tells some of very many dependencies, with little work', () => {
  const fields = [['Depends', 'a|b,'.repeat(500_000)]] as const
  const began = process.cpuUsage()
  const { dependencies = [] } = view({ ...binary, fields })
  assert.equal(dependencies.length, 1000)
  assert.ok(process.cpuUsage(began).user < 200_000)
})
