import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { loadOrCreateSecretKey } from './secret-key-file.ts'
import { StartRefused } from './start-refused.ts'

describe('the secret key file', () => {
  let directory: string
  let path: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'entrepot-secret-key-'))
    path = join(directory, 'secret_key')
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  it('is made once, for its owner alone', () => {
    const key = loadOrCreateSecretKey(path)
    assert.match(key, /^[A-Za-z0-9_-]{43}$/)
    assert.equal(statSync(path).mode & 0o777, 0o600)
    assert.deepEqual(readdirSync(directory), ['secret_key'])
    assert.equal(loadOrCreateSecretKey(path), key)
    assert.equal(readFileSync(path, 'utf8'), `${key}\n`)
  })

  it('is taken as it is found', () => {
    writeFileSync(path, `  ${'x'.repeat(40)}\n`)
    assert.equal(loadOrCreateSecretKey(path), 'x'.repeat(40))
  })

  it('is never replaced when it holds no key', () => {
    for (const text of ['', 'short\n']) {
      writeFileSync(path, text)
      assert.throws(
        () => loadOrCreateSecretKey(path),
        (error) => {
          assert.ok(error instanceof StartRefused)
          assert.match(error.message, /secret_key holds no key of at least 32 characters[^\n]*$/)
          return true
        },
      )
      assert.equal(readFileSync(path, 'utf8'), text)
    }
  })

  it('stops the start with one line where it cannot be made', () => {
    writeFileSync(path, '')
    for (const bad of [join(path, 'secret_key'), join(directory, 'missing', 'secret_key'), directory]) {
      assert.throws(
        () => loadOrCreateSecretKey(bad),
        (error) => {
          assert.ok(error instanceof StartRefused)
          assert.match(error.message, /^secret key: cannot use [^\n]*set secret_key$/)
          return true
        },
      )
    }
    assert.deepEqual(readdirSync(directory), ['secret_key'])
  })
})
