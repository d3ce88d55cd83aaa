import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeDirectory } from './make-directory.ts'

test('directories are made with those above them, and once', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'make-directory-'))
  t.after(() => rmSync(root, { recursive: true }))
  makeDirectory(join(root, 'a', 'b', 'c'), 0o750)
  makeDirectory(join(root, 'a', 'b', 'c'), 0o750)
  assert.equal(statSync(join(root, 'a', 'b', 'c')).mode & 0o777, 0o750)
  writeFileSync(join(root, 'file'), '')
  assert.throws(() => makeDirectory(join(root, 'file'), 0o750), { code: 'EEXIST' })
  assert.throws(() => makeDirectory(join(root, 'file', 'x'), 0o750), { code: 'ENOTDIR' })
})
