import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Link } from '../format.ts'
import { describe, install } from './describe.ts'

const pkg = { id: 1, name: 'com/acme/tiny', version: '1.0', publishedAt: new Date(0), files: [] }

test('a package without a POM is described by its coordinates', () => {
  const { name, summary, facts } = describe({ ...pkg, metadata: {} })
  assert.deepEqual([name, summary], ['com/acme/tiny', undefined])
  assert.deepEqual(facts, [
    { label: 'Group ID', value: 'com.acme' },
    { label: 'Artifact ID', value: 'tiny' },
  ])
})

test('the POM gives summary, licenses, links and dependencies by scope', () => {
  const dependency = { groupId: 'g', artifactId: 'a', scope: 'test', optional: true }
  const pom = {
    packaging: 'jar',
    description: 'Does\n  little',
    licenses: ['MIT', 'Apache-2.0'],
    url: 'javascript:alert(1)',
    scm: 'https://acme.example/git',
    dependencies: [dependency, { ...dependency, version: '2', scope: 'compile', optional: undefined }],
  }
  const shown = describe({ ...pkg, metadata: { pom } })
  assert.deepEqual([shown.summary, shown.license], ['Does little', 'MIT, Apache-2.0'])
  assert.deepEqual(shown.links, { Source: 'https://acme.example/git' })
  assert.deepEqual(shown.dependencies, [
    { group: 'test, optional', name: 'g:a', range: 'managed' },
    { group: 'compile', name: 'g:a', range: '2' },
  ])
})

test('snippets hold the address of the level and the coordinates', () => {
  const links = { to: (path: string) => `https://packages.example/maven${path}` as Link }
  const texts = install({
    links,
    level: 'project',
    package: { name: 'com/acme/tiny', version: '1.0', tags: [] },
  })
  const all = texts.map(({ text }) => text).join('\n')
  assert.ok(
    all.includes('<artifactId>tiny</artifactId>') && all.includes("implementation 'com.acme:tiny:1.0'"),
  )
  assert.ok(
    all.includes('<distributionManagement>') && all.includes("uri('https://packages.example/maven/')"),
  )
  const reading = install({ links, level: 'group' }).map(({ text }) => text)
  assert.ok(reading.join().includes('<url>https://packages.example/maven/</url>'))
  assert.ok(!reading.join().includes('<distributionManagement>'))
})
