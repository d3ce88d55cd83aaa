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
  checkUrl(url)
  const judged = (await addressesOf(url, rules.resolve)).map((one) => ({
    ...one,
    verdict: judge(url, reach, rules, one.address),
  }))
  const addresses = judged.filter(({ verdict }) => verdict === 'allowed')
  if (addresses.length > 0) {
    return { addresses, isPublic: addresses.every(({ address }) => !isSpecialAddress(address)) }
  }
  const isPlain = judged.some(({ verdict }) => verdict === 'plain')
  if (isPlain) throw new EgressError('refused', `${url.host} is only asked over https`)
  throw new EgressError('refused', `${url.host} is not on the public Internet; see egress.allow`)
}

/** Throws EgressError `refused` for another scheme than http and https, and for an address with a password. */
export function checkUrl(url: URL): void {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new EgressError('refused', `${url.protocol} addresses are not fetched, only https`)
  }
  if (url.username || url.password) throw new EgressError('refused', 'an address must not hold a password')
}

/** Whether a connection to this address may be used to ask for the URL. */
export const mayUse = (url: URL, reach: Reach, rules: ReachRules, address: string): boolean =>
  judge(url, reach, rules, address) === 'allowed'

/** `special`: off the public Internet, and not listed; `plain`: public, where http is not allowed. */
type Verdict = 'allowed' | 'special' | 'plain'

function judge(url: URL, reach: Reach, rules: ReachRules, address: string): Verdict {
  const isTrusted = reach === 'anywhere' || (reach === 'configured' && rules.listed(address))
  if (isTrusted) return 'allowed'
  if (isSpecialAddress(address)) return 'special'
  return url.protocol === 'https:' || rules.allowHttp ? 'allowed' : 'plain'
}

/** Connections that are opened at the same time share the lookup of their host. */
export function sharedLookups(resolve: Resolve): Resolve {
  const underWay = new Map<string, Promise<LookupAddress[]>>()
  return (host) => {
    const answer = underWay.get(host) ?? resolve(host).finally(() => underWay.delete(host))
    underWay.set(host, answer)
    return answer
  }
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
