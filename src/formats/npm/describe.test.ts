import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PackageView } from '../format.ts'
import { describe } from './describe.ts'
import { links } from './fake-registry.ts'
import { install } from './install.ts'
import { decodeManifest, storeManifest, type NpmModels } from './manifest.ts'

const identity = { name: '@acme/hello', version: '1.0.0', publisher: 'alice' }
function packageOf(manifest: Record<string, unknown>): PackageView<NpmModels> {
  const { name, version } = identity
  return {
    id: 1,
    name,
    version,
    publishedAt: new Date(0),
    files: [],
    metadata: storeManifest(manifest, identity),
  }
}

test('describes a package', () => {
  const described = describe(
    packageOf({
      description: 'Says hello',
      readme: '# Hello',
      license: { type: 'MIT' },
      homepage: 'https://hello.example',
      repository: { type: 'git', url: 'git+https://git.example/hello.git' },
      bugs: 'javascript:alert(1)',
      keywords: ['a', 7, 'b'],
      dependencies: { left: '^1' },
      devDependencies: { right: '*' },
      author: { name: 'Ann' },
    }),
  )
  assert.deepEqual(described, {
    name: '@acme/hello',
    version: '1.0.0',
    summary: 'Says hello',
    readme: '# Hello',
    license: 'MIT',
    links: { homepage: 'https://hello.example', repository: 'https://git.example/hello' },
    keywords: ['a', 'b'],
    dependencies: [
      { group: 'dependencies', name: 'left', range: '^1' },
      { group: 'devDependencies', name: 'right', range: '*' },
    ],
    facts: [
      { label: 'Author', value: 'Ann' },
      { label: 'Published by', value: 'alice' },
    ],
  })
})

test('a manifest of wrong types is described by what is left', () => {
  const odd = {
    description: {},
    license: [],
    homepage: 3,
    keywords: 'one',
    dependencies: [],
    author: null,
    scripts: 'x',
  }
  const { name, version, keywords, ...rest } = describe(packageOf(odd))
  assert.deepEqual([name, version, keywords], ['@acme/hello', '1.0.0', ['one']])
  assert.deepEqual(rest.dependencies, [])
  assert.deepEqual(rest.links, {})
})

test('snippets name the level and the version', () => {
  const target = { name: '@acme/hello', version: '1.0.0', tags: [] }
  const texts = install({ links, level: 'project', package: target }).map((snippet) => snippet.text)
  assert.ok(texts.includes('npm install @acme/hello@1.0.0'))
  assert.ok(texts.some((text) => text.startsWith('@acme:registry=https://packages.example/npm/\n')))
  assert.ok(texts.some((text) => text.includes('\n//packages.example/npm/:_authToken=')))
  assert.ok(texts.includes('npm publish --registry https://packages.example/npm/'))
  const group = install({ links, level: 'group' })
  assert.ok(
    group.every(({ text }) => !text.includes('publish') && text.includes('https://packages.example/npm/')),
  )
})

test('stored manifests are checked when they are read', () => {
  const stored = storeManifest({}, identity)
  assert.deepEqual(decodeManifest(JSON.parse(JSON.stringify(stored))), stored)
  for (const bad of [null, {}, { ...stored, v: 2 }, { ...stored, full: 1 }, { ...stored, readme: 1 }]) {
    assert.throws(() => decodeManifest(bad))
  }
})
