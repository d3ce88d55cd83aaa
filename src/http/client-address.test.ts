import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { it } from 'node:test'
import { clientAddress } from './client-address.ts'

const proxies = ['127.0.0.0/8', '::1', '10.0.0.0/8', '2001:db8:aaaa::/48']

function from(remoteAddress: string | undefined, forwarded?: string, trusted: readonly string[] = proxies) {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
  return clientAddress({ socket: { remoteAddress }, headers } as unknown as IncomingMessage, trusted)
}

it('believes nobody unless told to', () => {
  assert.equal(from('127.0.0.1', '198.51.100.1', []), '127.0.0.1')
  assert.equal(from('::ffff:127.0.0.1', '198.51.100.1', []), '127.0.0.1')
  assert.equal(from('192.0.2.7', '198.51.100.1'), '192.0.2.7')
  assert.equal(from(undefined, '198.51.100.1'), '')
})

it('counts proxies from the right: what a client wrote itself is never taken for its address', () => {
  assert.equal(from('127.0.0.1', '198.51.100.1, 192.0.2.9'), '192.0.2.9')
  assert.equal(from('127.0.0.1', '198.51.100.1, 192.0.2.9, 10.1.2.3'), '192.0.2.9')
  assert.equal(from('127.0.0.1', '10.9.9.9, 192.0.2.9, 10.1.2.3'), '192.0.2.9')
  assert.equal(from('::1', '192.0.2.9, 2001:db8:aaaa::5'), '192.0.2.9')
  assert.equal(from('::ffff:10.0.0.1', '2001:db8:1:2:3::1'), '2001:db8:1:2:3::1')
  assert.equal(from('10.0.0.1', '10.0.0.2, 10.0.0.3'), '10.0.0.2', 'all of them are proxies')
})

it('takes the last address it can read where an entry is none', () => {
  assert.equal(from('127.0.0.1', '192.0.2.9, unknown, 10.0.0.2'), '10.0.0.2')
  assert.equal(from('127.0.0.1', ''), '127.0.0.1')
  assert.equal(from('127.0.0.1', ', ,'), '127.0.0.1')
  assert.equal(from('127.0.0.1', '192.0.2.9:4711'), '192.0.2.9')
  assert.equal(from('127.0.0.1', '[2001:db8:1::9]:4711'), '2001:db8:1::9')
  assert.equal(from('127.0.0.1', '::ffff:192.0.2.9'), '192.0.2.9')
})
