import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { it } from 'node:test'
import { clientNetwork } from './client-address.ts'

const from = (remoteAddress: string, forwarded?: string) =>
  clientNetwork({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  } as unknown as IncomingMessage)

it('counts a caller by address, or by /64', () => {
  assert.equal(from('192.0.2.7'), '192.0.2.7')
  assert.equal(from('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2')
  assert.equal(from('2001:db8::6'), '2001:db8:0:0')
  assert.equal(from('::ffff:192.0.2.7'), '::ffff:192.0.2.7')
})

it('believes a proxy on this machine, and nobody else', () => {
  assert.equal(from('127.0.0.1', '198.51.100.1, 192.0.2.9'), '192.0.2.9')
  assert.equal(from('::1', '2001:db8:1:2:3::1'), '2001:db8:1:2')
  assert.equal(from('::ffff:127.0.0.1', '192.0.2.9'), '192.0.2.9')
  assert.equal(from('127.0.0.1'), '127.0.0.1')
  assert.equal(from('192.0.2.7', '198.51.100.1'), '192.0.2.7')
})
