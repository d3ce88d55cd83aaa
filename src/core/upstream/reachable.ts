/** Where we connect to: judged on the addresses that a name stands for now, which are then the only ones connected to. */
import { lookup, type LookupAddress } from 'node:dns'
import { isIP } from 'node:net'
import { promisify } from 'node:util'
import { isSpecialAddress } from '../../lib/special-addresses.ts'
import { EgressError } from './egress-error.ts'

/**
 * `public`: the public Internet only; `configured`: and the networks an administrator listed; `anywhere`: for addresses that an
 * administrator wrote down one by one.
 */
export type Reach = 'public' | 'configured' | 'anywhere'

export interface ReachRules {
  /** The networks an administrator listed. */
  readonly listed: (address: string) => boolean
  /** Plain http to the public Internet, too. */
  readonly allowHttp: boolean
  readonly resolve: Resolve
}

/** The addresses of a name. */
export type Resolve = (host: string) => Promise<LookupAddress[]>
/** As the system resolves names. */
export const resolveName: Resolve = (host) => promisify(lookup)(host, { all: true })

/** A host as checked. */
export interface Target {
  readonly addresses: readonly LookupAddress[]
  /** Each address is public: a proxy may be used. False where the name is unknown to us. */
  readonly isPublic: boolean
}

/** The host of a URL as sockets want it: without the brackets of IPv6. */
export const hostOf = (url: URL) => url.hostname.replace(/^\[|\]$/g, '')

/**
 * The addresses of a URL's host that may be connected to.
 * @throws EgressError `refused` where there is none, or for another scheme than https (http is for listed networks, or
 * for all where configured); `network` where the name is unknown.
 */
export async function checkTarget(url: URL, reach: Reach, rules: ReachRules): Promise<Target> {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new EgressError('refused', `${url.protocol} addresses are not fetched, only https`)
  }
  if (url.username || url.password) throw new EgressError('refused', 'an address must not hold a password')
  const addresses = await addressesOf(url, rules.resolve)
  const trusted = ({ address }: LookupAddress) =>
    reach === 'anywhere' || (reach === 'configured' && rules.listed(address))
  const allowed = addresses.filter((one) => trusted(one) || !isSpecialAddress(one.address))
  if (allowed.length === 0) {
    throw new EgressError('refused', `${url.host} is not on the public Internet; see egress.allow`)
  }
  const plain = allowed.filter((one) => url.protocol === 'https:' || rules.allowHttp || trusted(one))
  if (plain.length === 0) throw new EgressError('refused', `${url.host} is only asked over https`)
  return { addresses: plain, isPublic: plain.every(({ address }) => !isSpecialAddress(address)) }
}

async function addressesOf(url: URL, resolve: Resolve): Promise<LookupAddress[]> {
  const host = hostOf(url)
  const family = isIP(host)
  if (family !== 0) return [{ address: host, family }]
  try {
    return await resolve(host)
  } catch (error) {
    throw new EgressError('network', `the name ${host} is not known`, error)
  }
}
