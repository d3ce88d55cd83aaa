/** Opens connections: straight to checked addresses, or through the configured proxy. */
import { once } from 'node:events'
import { request } from 'node:http'
import { connect, isIP, type LookupFunction, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { EgressError } from './egress-error.ts'
import { hostOf, type Target } from './reachable.ts'
import type { TlsMemory } from './tls-memory.ts'

export interface SocketOptions {
  readonly target: Target
  /** `http://user:password@proxy:3128`; undefined: straight. */
  readonly proxy: URL | undefined
  readonly tls: TlsMemory
  readonly signal: AbortSignal
}

/** A connection and the addresses it may lead to: one, or behind a proxy those that were checked. */
export interface OpenedSocket {
  readonly socket: Socket
  readonly addresses: readonly string[]
}

/** How long one of several addresses may take before the next one is tried, too. */
const perAddressMs = 1000

/** A connection on which requests to the URL can be written, encrypted where it is https. */
export async function openSocket(url: URL, options: SocketOptions): Promise<OpenedSocket> {
  const { target, proxy } = options
  const port = portOf(url)
  const socket = proxy
    ? await throughProxy(proxy, `${url.hostname}:${port}`, options)
    : await straight(url, options.signal, pinned(target))
  const addresses = proxy ? target.addresses.map(({ address }) => address) : [socket.remoteAddress ?? '']
  return { socket: url.protocol === 'https:' ? await secured(socket, url, options) : socket, addresses }
}

const portOf = (url: URL) => Number(url.port) || (url.protocol === 'https:' ? 443 : 80)

function straight(url: URL, signal: AbortSignal, lookup?: LookupFunction): Promise<Socket> {
  const socket = connect({
    host: hostOf(url),
    port: portOf(url),
    noDelay: true,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: perAddressMs,
    ...(lookup ? { lookup } : {}),
  })
  return opened(socket, 'connect', signal)
}

/** Answers every lookup with the addresses that were checked. */
function pinned({ addresses }: Target): LookupFunction {
  return (_host, { all }, done) => {
    if (all) done(null, [...addresses])
    else done(null, addresses[0]!.address, addresses[0]!.family)
  }
}

async function secured(socket: Socket, url: URL, { tls, signal }: SocketOptions): Promise<TLSSocket> {
  const host = hostOf(url)
  const server = `${host}:${portOf(url)}`
  const session = tls.session(server)
  const names = isIP(host) ? { host } : { host, servername: host }
  const encrypted = connectTls({
    socket,
    ...names,
    ALPNProtocols: ['http/1.1'],
    secureContext: tls.context(),
    ...(session ? { session } : {}),
  })
  try {
    await opened(encrypted, 'secureConnect', signal)
  } catch (error) {
    tls.forget(server)
    throw error
  }
  tls.remember(server, encrypted)
  return encrypted
}

async function throughProxy(proxy: URL, authority: string, options: SocketOptions): Promise<Socket> {
  const { signal } = options
  const plain = await straight(proxy, signal)
  const socket = proxy.protocol === 'https:' ? await secured(plain, proxy, options) : plain
  const asking = request({
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...proxyCredential(proxy) },
    createConnection: () => socket,
    signal,
  })
  asking.end()
  asking.on('response', (response) => response.resume())
  const [response, tunnel] = await once(asking, 'connect')
  if (response.statusCode === 200) return tunnel
  tunnel.destroy()
  throw new EgressError('network', `the proxy refused the connection (${response.statusCode})`)
}

function proxyCredential({ username, password }: URL): Record<string, string> {
  if (username === '') return {}
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}

/** Errors that come when nobody asks on the connection end it and nothing else. */
async function opened<S extends Socket>(socket: S, event: string, signal: AbortSignal): Promise<S> {
  socket.on('error', () => {})
  try {
    await once(socket, event, { signal })
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  }
}
