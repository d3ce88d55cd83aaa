/** Networks in CIDR notation: which addresses lie in them. */
import { BlockList, isIPv4, isIPv6 } from 'node:net'

export interface Network {
  readonly address: string
  /** Bits that all addresses of the network share. */
  readonly prefix: number
  readonly family: 'ipv4' | 'ipv6'
}

/** Reads `10.0.0.0/8`, `fd00::/8` or a single address; undefined: it is none of them. */
export function parseNetwork(text: string): Network | undefined {
  const [, address = '', bits] = /^([0-9A-Fa-f.:]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const family = familyOf(address)
  if (!family) return undefined
  const most = family === 'ipv4' ? 32 : 128
  const prefix = bits === undefined ? most : Number(bits)
  return prefix <= most ? { address, prefix, family } : undefined
}

/** Tells whether an address lies in one of the networks; text that is no address lies in none. */
export function networkList(texts: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const text of texts) {
    const network = parseNetwork(text)
    if (!network) throw new TypeError(`${JSON.stringify(text)} is no network`)
    list.addSubnet(network.address, network.prefix, network.family)
  }
  return (address) => {
    const family = familyOf(address)
    return family !== undefined && list.check(address, family)
  }
}

function familyOf(address: string): Network['family'] | undefined {
  if (isIPv4(address)) return 'ipv4'
  return isIPv6(address) ? 'ipv6' : undefined
}
