import assert from 'node:assert/strict'
import { it } from 'node:test'
import { callerNetwork, plainAddress } from './ip-addresses.ts'

it('writes every address in one way', () => {
  const spellings: readonly (readonly [string, string | undefined])[] = [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:c000:207', '192.0.2.7'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::', '::'],
    ['192.0.2.007', undefined],
    ['192.0.2', undefined],
    ['localhost', undefined],
    ['', undefined],
    ['unknown', undefined],
  ]
  for (const [given, expected] of spellings) assert.equal(plainAddress(given), expected, given)
})

it('counts a caller by address, of IPv6 by the first 64 bits', () => {
  assert.equal(callerNetwork('192.0.2.7'), '192.0.2.7')
  assert.equal(callerNetwork('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64')
  assert.equal(callerNetwork('2001:db8::6'), '2001:db8:0:0::/64')
  assert.equal(callerNetwork('::1'), '0:0:0:0::/64')
})
