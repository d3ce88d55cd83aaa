/** Opens connections: straight to checked addresses, or through the configured proxy. */
import { once } from 'node:events'
import { request } from 'node:http'
import { connect, isIP, type LookupFunction, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { EgressError } from './egress-error.ts'
import { hostOf, type Target } from './reachable.ts'

export interface SocketOptions {
  readonly target: Target
  /** `http://user:password@proxy:3128`; undefined: straight. */
  readonly proxy: URL | undefined
  /** Certificate authorities, PEM; undefined: those Node knows. */
  readonly ca: readonly string[] | undefined
  readonly signal: AbortSignal
}

/** A connection on which requests to the URL can be written, encrypted where it is https. */
export async function openSocket(url: URL, options: SocketOptions): Promise<Socket> {
  const { target, proxy, signal } = options
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
  const socket = proxy
    ? await throughProxy(proxy, `${url.hostname}:${port}`, options)
    : await opened(connect({ host: hostOf(url), port, lookup: pinned(target) }), 'connect', signal)
  return url.protocol === 'https:' ? secured(socket, hostOf(url), options) : socket
}

/** Answers every lookup with the addresses that were checked. */
function pinned({ addresses }: Target): LookupFunction {
  return (_host, { all }, done) => {
    if (all) done(null, [...addresses])
    else done(null, addresses[0]!.address, addresses[0]!.family)
  }
}

function secured(socket: Socket, host: string, { ca, signal }: SocketOptions): Promise<Socket> {
  const names = isIP(host) ? { host } : { host, servername: host }
  const tls = connectTls({ socket, ...names, ALPNProtocols: ['http/1.1'], ...(ca ? { ca: [...ca] } : {}) })
  return opened(tls, 'secureConnect', signal)
}

async function throughProxy(proxy: URL, authority: string, options: SocketOptions): Promise<Socket> {
  const { signal } = options
  const port = Number(proxy.port) || (proxy.protocol === 'https:' ? 443 : 80)
  const plain = await opened(connect({ host: hostOf(proxy), port }), 'connect', signal)
  const socket = proxy.protocol === 'https:' ? await secured(plain, hostOf(proxy), options) : plain
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

async function opened<S extends Socket>(socket: S, event: string, signal: AbortSignal): Promise<S> {
  try {
    await once(socket, event, { signal })
    return socket
  } catch (error) {
    socket.on('error', () => {})
    socket.destroy()
    throw error
  }
}
