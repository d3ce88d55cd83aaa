import type { IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'

const loopback = /^(127\.|::1$|::ffff:127\.)/

/**
 * What failed attempts are counted by: the address of the caller, of IPv6 its /64. A proxy on this machine tells the
 * caller's address as the last one of X-Forwarded-For; from anyone else that header is ignored.
 */
export function clientNetwork(req: IncomingMessage): string {
  const peer = req.socket.remoteAddress ?? ''
  if (!loopback.test(peer)) return network(peer)
  const told = req.headers['x-forwarded-for']
  const last = (Array.isArray(told) ? told.join(',') : (told ?? '')).split(',').at(-1)!.trim()
  return network(last || peer)
}

function network(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address
  const [head = '', tail] = address.split('::')
  const groups = head.split(':').filter(Boolean)
  const behind = (tail ?? '').split(':').filter(Boolean)
  const zeros = tail === undefined ? [] : Array(Math.max(0, 8 - groups.length - behind.length)).fill('0')
  return [...groups, ...zeros, ...behind].slice(0, 4).join(':')
}
