/** `/-/metrics`: who may read it, and what it says. */
import { timingSafeEqual, hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type Client from 'prom-client'
import type { Core } from '../core/core.ts'
import { processFamilies, sharedFamilies } from '../core/metrics/gauges.ts'
import type { Family } from '../lib/instruments.ts'
import { networkList } from '../lib/networks.ts'
import { plainAddress } from '../lib/ip-addresses.ts'
import { addressOf } from './identify-caller.ts'

/** The content type of what `writeMetrics` gives. */
export const metricsType = 'text/plain; version=0.0.4; charset=utf-8'

/** Headers that only a proxy adds. */
const fromProxies = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'] as const

/**
 * By address or by token. What came through a proxy that nobody configured is never taken for the proxy's own request:
 * otherwise one on this machine would open the metrics to everybody.
 */
export function mayReadMetrics(core: Core, req: IncomingMessage): boolean {
  const { enabled, allow, token } = core.config.metrics
  if (!enabled) return false
  const sent = /^Bearer +(.+)$/i.exec(req.headers.authorization ?? '')?.[1]
  if (token !== undefined && sent !== undefined && isSame(sent, token)) return true
  const isTrusted = networkList(core.config.http.trustedProxies)
  const isForwarded = fromProxies.some((name) => req.headers[name] !== undefined)
  if (isForwarded && !isTrusted(plainAddress(req.socket.remoteAddress ?? '') ?? '')) return false
  return networkList(allow)(addressOf(core, req))
}

const isSame = (a: string, b: string) =>
  timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'))

type Library = typeof Client
let library: Promise<Library> | undefined

/** Loaded when somebody reads the metrics for the first time; from then on it watches this process. */
function loadLibrary(): Promise<Library> {
  library ??= import('prom-client').then(({ default: client }) => {
    client.collectDefaultMetrics()
    return client
  })
  return library
}

/** Everything this process has measured. */
export async function ownFamilies(core: Core): Promise<Family[]> {
  const client = await loadLibrary()
  return [...processFamilies(core), ...((await client.register.getMetricsAsJSON()) as never as Family[])]
}

/** The text for Prometheus: what each process measured, added up, with what is the same for all. */
export async function writeMetrics(core: Core, processes: readonly (readonly Family[])[]): Promise<string> {
  const client = await loadLibrary()
  const all = [...processes, await sharedFamilies(core)]
  return client.AggregatorRegistry.aggregate(all as never as object[]).metrics()
}
