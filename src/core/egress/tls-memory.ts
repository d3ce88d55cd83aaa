/** What encrypted connections share: the authorities, read once, and sessions that save half of the next handshake. */
import { createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import { LRUCache } from 'lru-cache'

const mostSessions = 500

/** Servers are named `host:port`; a session is only for the server whose certificate was checked when it began. */
export interface TlsMemory {
  context(): SecureContext
  session(server: string): Buffer | undefined
  /** Keeps the sessions of a connection whose handshake is over. */
  remember(server: string, socket: TLSSocket): void
  forget(server: string): void
}

/** `ca`: certificate authorities, PEM; undefined: those Node knows. */
export function createTlsMemory(ca: readonly string[] | undefined): TlsMemory {
  const sessions = new LRUCache<string, Buffer>({ max: mostSessions })
  let context: SecureContext | undefined
  return {
    context: () => (context ??= createSecureContext(ca ? { ca: [...ca] } : {})),
    session: (server) => sessions.get(server),
    remember(server, socket) {
      // TLS 1.3 sends them later, older versions had sent them before.
      socket.on('session', (session) => sessions.set(server, session))
      const session = socket.getProtocol() === 'TLSv1.3' ? undefined : socket.getSession()
      if (session) sessions.set(server, session)
    },
    forget: (server) => void sessions.delete(server),
  }
}
