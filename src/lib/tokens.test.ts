import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { hashToken, isWellFormedToken, makeToken } from './tokens.ts'

describe('tokens', () => {
  it('carry the prefix, are well-formed and never the same', () => {
    const tokens = new Set(Array.from({ length: 500 }, () => makeToken('ept_')))
    assert.equal(tokens.size, 500)
    for (const token of tokens) {
      assert.match(token, /^ept_[0-9A-Za-z]{42}$/)
      assert.ok(isWellFormedToken(token))
    }
  })

  it('use every character about equally', () => {
    const counts = new Map<string, number>()
    for (let i = 0; i < 1000; i++) {
      for (const character of makeToken('t_').slice(2, 38))
        counts.set(character, (counts.get(character) ?? 0) + 1)
    }
    assert.equal(counts.size, 62)
    // 36,000 characters over 62: 581 each, with a deviation of 24.
    for (const count of counts.values()) assert.ok(count > 400 && count < 760, String(count))
  })

  it('show every mistyped character', () => {
    const token = makeToken('ept_')
    for (let i = 0; i < token.length; i++) {
      const other = token[i] === 'a' ? 'b' : 'a'
      assert.ok(!isWellFormedToken(token.slice(0, i) + other + token.slice(i + 1)), `position ${i}`)
    }
    assert.ok(!isWellFormedToken(token.slice(0, -1)))
    assert.ok(!isWellFormedToken(`${token}\n`))
    assert.ok(!isWellFormedToken(''))
    assert.ok(!isWellFormedToken('hunter2'))
    assert.ok(!isWellFormedToken('a'.repeat(1_000_000)))
  })

  it('are stored as their sha256', () => {
    const token = makeToken('ept_')
    assert.equal(hashToken(token), createHash('sha256').update(token).digest('hex'))
  })

  it('have prefixes that end in an underscore', () => {
    for (const prefix of ['', 'ept', 'Ept_', '_', '1_', 'a b_', 'a_b_'])
      assert.throws(() => makeToken(prefix), TypeError)
  })
})
