/** Addresses that do not stand for one machine of the public Internet (IANA special-purpose registries, RFC 6890). */
import { isIPv6 } from 'node:net'
import { networkList } from './networks.ts'

const specialV4 = networkList([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
])
/** All that is routed; mapped IPv4, NAT64, local, link-local and multicast addresses lie outside. */
const globalV6 = networkList(['2000::/3'])
/** Teredo and other protocol assignments, documentation, 6to4, documentation again. */
const specialV6 = networkList(['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'])

/**
 * Whether an address is private, loopback, link-local, shared, multicast, reserved, or an IPv6 address that carries an IPv4
 * one. Text that is no address counts as special.
 */
export function isSpecialAddress(address: string): boolean {
  if (isIPv6(address)) return !globalV6(address) || specialV6(address)
  return !/^[\d.]+$/.test(address) || specialV4(address)
}
