import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { AskedTree } from './audit-tree.ts'

const usual = { install: [], remove: [], metadata: {} }
const ask = (tree: any, ...told: string[]) => new AskedTree(tree).question(new Set(told))

test('names are those of packages and of what they require', () => {
  const tree = {
    requires: { a: '^1' },
    dependencies: {
      b: { version: '1.0.0', dependencies: { c: { version: '1.0.0', requires: { d: '1' } } } },
      e: { version: 'file:../e' },
      '.': { version: '1.0.0', dependencies: { f: { version: '1.0.0' } } },
      g: null,
    },
  }
  assert.deepEqual([...new AskedTree(tree).names].toSorted(), ['a', 'b', 'c', 'd', 'f'])
})

test('a question says the versions, integrities and ranges of told names, and nothing else of anything', () => {
  const tree = {
    name: 'app',
    version: '9.9.9',
    secret: 'x',
    requires: { left: '^1.0.0', right: 'npm:other@^1', gone: '^7.7.7' },
    metadata: { node_version: 'v1' },
    dependencies: {
      left: {
        version: 'v1.0.0',
        integrity: 'sha512-abc=',
        resolved: 'https://inside.example/left',
        bundled: true,
        optional: true,
        requires: { right: '1.0.0' },
      },
      right: { version: '1.0.0', dev: false, integrity: 'https://inside.example' },
    },
  }
  assert.deepEqual(ask(tree, 'left', 'right'), {
    ...usual,
    requires: { left: '^1.0.0', right: '*', 'not-told-1': '*' },
    dependencies: {
      left: { version: '1.0.0', integrity: 'sha512-abc=', optional: true, requires: { right: '1.0.0' } },
      right: { version: '1.0.0' },
    },
  })
})

test('what stands below a name that is not told is audited all the same', () => {
  const below = { left: { version: '1.0.0' } }
  // Workspaces of pnpm stand here under their paths.
  const tree = {
    dependencies: {
      '.': { version: '0.0.0', dependencies: below },
      packages__secret: { version: '1.0.0', dependencies: below },
      '@acme/leaf': { version: '1.2.3' },
      fork: { version: 'git+ssh://git.example/fork', requires: { left: '1' } },
    },
  }
  assert.deepEqual(ask(tree, 'left', 'fork'), {
    ...usual,
    dependencies: {
      'not-told-1': { version: '0.0.0', dependencies: below },
      'not-told-2': { version: '0.0.0', dependencies: below },
      'not-told-3': { version: '0.0.0', requires: { left: '1' } },
    },
  })
})

test('a made-up name is none of the tree, and the same for every upstream', () => {
  const tree = {
    requires: { hidden: '1', other: '1' },
    dependencies: {
      'not-told-1': { version: '1.0.0' },
      hidden: { version: '1.0.0', requires: { other: '1' } },
    },
  }
  const asked = new AskedTree(tree)
  assert.deepEqual(asked.question(new Set(['not-told-1'])), {
    ...usual,
    requires: { 'not-told-3': '*', 'not-told-2': '*' },
    dependencies: {
      'not-told-1': { version: '1.0.0' },
      'not-told-3': { version: '0.0.0', requires: { 'not-told-2': '*' } },
    },
  })
  const { requires } = asked.question(new Set(['other']))
  assert.deepEqual(requires, { 'not-told-3': '*', other: '1' })
  const path = 'not-told-3>not-told-1>not-told-2'
  const report = { advisories: { 1: { module_name: 'other', findings: [{ paths: [path, 7] }, null] } } }
  assert.deepEqual(asked.restore(report).advisories, {
    1: { module_name: 'other', findings: [{ paths: ['hidden>not-told-1>other', 7] }] },
  })
})

test('a tree that is deep or odd is cut', () => {
  let deep: any = { version: '1.0.0' }
  for (let depth = 0; depth < 50_000; depth++) deep = { version: '1.0.0', dependencies: { a: deep } }
  const text = JSON.stringify(ask(deep, 'a'))
  assert.equal(text.match(/"a":/g)?.length, 100)
  for (const odd of [
    {},
    { dependencies: 7 },
    { dependencies: [], requires: true },
    { dependencies: { a: [] } },
  ])
    assert.deepEqual(ask(odd, 'a'), usual)
})

test('no name that is not told, and nothing of it, is ever in a question', () => {
  const name = fc.constantFrom('told', 'also-told', 'SECRET', '@secret/x', '__proto__', 'constructor', '.')
  const { tree } = fc.letrec((tie) => ({
    tree: fc.record(
      {
        version: fc.constantFrom('1.0.0', 'file:../SECRET', 7),
        resolved: fc.constant('http://SECRET.example'),
        requires: fc.dictionary(name, fc.constantFrom('^1', 'npm:SECRET@1', '@secret')),
        dependencies: fc.oneof(
          { maxDepth: 4 },
          fc.constant({}),
          fc.dictionary(name, tie('tree'), { maxKeys: 4 }),
        ),
      },
      { requiredKeys: [] },
    ),
  }))
  fc.assert(
    fc.property(tree, (some: any) => {
      const text = JSON.stringify(ask(some, 'told', 'also-told'))
      assert.ok(!/secret|constructor|proto|"\."/i.test(text), text)
    }),
  )
})
