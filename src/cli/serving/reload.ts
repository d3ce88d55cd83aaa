import { readFileSync } from 'node:fs'
import type { Logger } from 'pino'
import type { App } from '../../app.ts'
import { ConfigError } from '../../config/config-error.ts'
import type { Config } from '../../config/config.ts'
import type { Listener, ServerLimits, TlsTexts } from '../../http/server.ts'
import { StartRefused } from '../../lib/start-refused.ts'

/** What takes the configuration anew. */
export interface Reloading {
  readonly app: App
  /** Left out where this process answers no requests. */
  readonly listener?: Listener
  readonly log: Logger
  /** Throws `ConfigError` as at the start. */
  read(): Config
}

/**
 * Reads the configuration and the TLS files again and takes what can change at run time. Where anything is wrong with
 * them, that is logged and everything stays as it was. Returns whether it was taken.
 */
export function reload({ app, listener, log, read }: Reloading): boolean {
  try {
    const next = read()
    const tls = readTls(app.core.config)
    listener?.reconfigure(limitsOf(next), tls)
    const { taken, waiting } = app.reconfigure(next)
    log.level = next.log.level
    log.info({ changed: taken }, 'the configuration was read again')
    if (waiting.length > 0) log.warn({ keys: waiting }, 'these settings change with the next start only')
    return true
  } catch (error) {
    const problems = error instanceof ConfigError ? error.problems : [(error as Error).message]
    log.error({ problems }, 'the configuration was not taken, the one before goes on')
    return false
  }
}

/** The time limits of a listener. */
export function limitsOf({ limits }: Config): ServerLimits {
  return { headersMs: limits.headersTimeout, keepAliveMs: limits.keepAlive }
}

/** What the files of the certificate hold; undefined: plain HTTP. Throws `StartRefused`, naming the key. */
export function readTls({ tls }: Config): TlsTexts | undefined {
  return tls && { cert: pem(tls.cert, 'tls.cert'), key: pem(tls.key, 'tls.key') }
}

function pem(path: string, key: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new StartRefused(`config: ${key}: cannot read ${path}: ${(error as Error).message}`)
  }
}
