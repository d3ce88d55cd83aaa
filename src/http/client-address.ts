/** Who is at the other end: one answer for limits, events and pages. */
import type { IncomingMessage } from 'node:http'
import { plainAddress } from '../lib/ip-addresses.ts'
import { networkList } from '../lib/networks.ts'

type Incoming = Pick<IncomingMessage, 'headers' | 'socket'>

/** Checks for the lists of ranges in use: one for each configuration. */
const checks = new WeakMap<readonly string[], (address: string) => boolean>()

/**
 * The address of the caller, in one spelling; '' once the connection is gone. `X-Forwarded-For` is read from the right,
 * for as long as the address before is one of `trustedProxies` (ranges in CIDR notation): what anybody else wrote in it
 * tells nothing.
 */
export function clientAddress(req: Incoming, trustedProxies: readonly string[]): string {
  const { remoteAddress = '' } = req.socket
  const peer = plainAddress(remoteAddress) ?? ''
  if (trustedProxies.length === 0 || peer === '') return peer
  const isTrusted = checkOf(trustedProxies)
  const told = forwardedFor(req)
  let address = peer
  while (told.length > 0 && isTrusted(address)) {
    const before = addressIn(told.pop()!)
    if (before === undefined) break
    address = before
  }
  return address
}

function checkOf(ranges: readonly string[]): (address: string) => boolean {
  const known = checks.get(ranges) ?? networkList(ranges)
  checks.set(ranges, known)
  return known
}

function forwardedFor(req: Incoming): string[] {
  const header = req.headers['x-forwarded-for']
  const text = Array.isArray(header) ? header.join(',') : header
  return text === undefined ? [] : text.split(',')
}

/** Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function addressIn(entry: string): string | undefined {
  const text = entry.trim()
  const inBrackets = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(text)
  const withPort = /^([\d.]+):\d{1,5}$/.exec(text)
  return plainAddress(inBrackets?.[1] ?? withPort?.[1] ?? text)
}
