import assert from 'node:assert/strict'
import { it } from 'node:test'
import { returnPath, signInPath } from './return-to.ts'

it('returns to pages of ours only', () => {
  const ours = ['/', '/acme/web', '/acme/web/-/packages/4?versions=all', '/a?search=%2F%2Fx']
  for (const path of ours) assert.equal(returnPath(path), path)
  const foreign = [
    null,
    '',
    'acme',
    'https://evil.example/x',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/.//evil.example',
    '/x/..//evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
    `/${'x'.repeat(3000)}`,
  ]
  for (const path of foreign) assert.equal(returnPath(path), '/', String(path))
})

it('remembers where somebody wanted to go', () => {
  assert.equal(signInPath('/'), '/sign-in')
  assert.equal(signInPath('/a?b=c&d'), '/sign-in?return_to=%2Fa%3Fb%3Dc%26d')
})
