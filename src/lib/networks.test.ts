import assert from 'node:assert/strict'
import { test } from 'node:test'
import { networkList, parseNetwork } from './networks.ts'
import { isSpecialAddress } from './special-addresses.ts'

test('networks are read from CIDR notation, and single addresses stand for themselves', () => {
  assert.deepEqual(parseNetwork('10.0.0.0/8'), { address: '10.0.0.0', prefix: 8, family: 'ipv4' })
  assert.deepEqual(parseNetwork('::1'), { address: '::1', prefix: 128, family: 'ipv6' })
  for (const none of [
    '',
    '10.0.0.0/33',
    'fd00::/129',
    '10.0.0/8',
    'example',
    '10.0.0.0/',
    '10.0.0.0/8 ',
    '1/1/1',
  ])
    assert.equal(parseNetwork(none), undefined, none)
  assert.throws(() => networkList(['nowhere']), TypeError)
})

test('an address lies in a network or not', () => {
  const isIn = networkList(['192.168.4.0/22', 'fd00:1::/32', '203.0.113.9'])
  for (const inside of ['192.168.4.0', '192.168.7.255', 'fd00:1:ffff::1', '203.0.113.9'])
    assert.equal(isIn(inside), true, inside)
  for (const outside of ['192.168.3.255', '192.168.8.0', 'fd00:2::', '203.0.113.8', 'localhost', ''])
    assert.equal(isIn(outside), false, outside)
})

test('what is not one machine of the public Internet is special', () => {
  const special = [
    '0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.31.0.1 192.168.0.1 192.0.2.1',
    '198.18.0.1 198.51.100.7 203.0.113.7 224.0.0.1 255.255.255.255',
    ':: ::1 fe80::1 fe80::1%eth0 fc00::1 fd12::1 ff02::1 2001:db8::1 3fff::1',
    // Mapped, compatible, NAT64, 6to4 and Teredo: they carry an IPv4 address.
    '::ffff:127.0.0.1 ::ffff:8.8.8.8 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b:1::1 2002:7f00:1:: 2001:0:7f00:1::',
  ]
  for (const address of [...special.join(' ').split(' '), 'localhost', ''])
    assert.equal(isSpecialAddress(address), true, address)
  for (const address of ['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1', '2a00:1450:4001::1'])
    assert.equal(isSpecialAddress(address), false, address)
})
