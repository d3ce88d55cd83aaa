/** IP addresses as texts: one spelling for each. */
import { isIPv4, isIPv6 } from 'node:net'

/**
 * The one spelling of an address: IPv6 as RFC 5952 writes it, without a zone; an IPv4 address that is mapped into
 * IPv6 (`::ffff:192.0.2.1`) as the IPv4 address that it is. Undefined: the text is no address.
 */
export function plainAddress(text: string): string | undefined {
  if (isIPv4(text)) return text
  if (!isIPv6(text)) return undefined
  const [address = ''] = text.split('%', 1)
  const written = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(written)
  if (!mapped) return written
  const [high, low] = [parseInt(mapped[1]!, 16), parseInt(mapped[2]!, 16)]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

/** What attempts of one caller are counted by: an IPv4 address, or the first 64 bits of an IPv6 one. */
export function callerNetwork(address: string): string {
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('::')
  const groups = head.split(':').filter(Boolean)
  const behind = (tail ?? '').split(':').filter(Boolean)
  const zeros = tail === undefined ? [] : Array(Math.max(0, 8 - groups.length - behind.length)).fill('0')
  return `${[...groups, ...zeros, ...behind].slice(0, 4).join(':')}::/64`
}
