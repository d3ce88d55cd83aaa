/** The `listen` setting: `127.0.0.1:8080`, `[::]:8080`, `localhost:8080`. */
import { StartRefused } from '../lib/start-refused.ts'

export interface ListenAddress {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
}

/** Throws `StartRefused`, which says what is allowed. */
export function parseListenAddress(text: string): ListenAddress {
  const found = /^(?:\[([0-9a-f:.%\w]+)\]|([^\s:[\]]+)):(\d{1,5})$/i.exec(text)
  const port = Number(found?.[3])
  if (!found || port > 65_535) {
    throw new StartRefused(
      `cannot listen on '${text}': write an address and a port, as 127.0.0.1:8080 or [::]:8080`,
    )
  }
  return { host: (found[1] ?? found[2])!, port }
}

/** One line that says why listening failed and what to do. */
export function listenError(address: ListenAddress, error: NodeJS.ErrnoException): Error {
  const { host, port } = address
  const shown = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  const reason = reasons[error.code ?? ''] ?? error.message
  return new StartRefused(`cannot listen on ${shown}: ${reason}`, { cause: error })
}

const elsewhere = "or set another address as 'listen' (ENTREPOT_LISTEN)"
const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: `the port is already in use; stop the program that uses it, ${elsewhere}`,
  EACCES: `this user may not use the port (below 1024 it takes privileges); run as one who may, ${elsewhere}`,
  EADDRNOTAVAIL: `this machine has no such address; use 127.0.0.1 or [::], ${elsewhere}`,
  ENOTFOUND: `there is no such host; use 127.0.0.1 or [::], ${elsewhere}`,
}
