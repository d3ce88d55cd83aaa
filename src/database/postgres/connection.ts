import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import type { PoolConfig } from 'pg'
import { StartRefused } from '../../lib/start-refused.ts'

/** Where a PostgreSQL database is, and how it is asked. */
export interface PostgresPlace {
  /** `postgres://user:password@host:port/database?sslmode=require`; `?host=/directory` for a socket. */
  readonly url: string
  /** Path of a PEM file with the authorities that may have signed the server's certificate. */
  readonly ca: string | undefined
  /** How many connections this process opens at most. */
  readonly connections: number
}

/** A statement of a request that takes longer has lost its way. */
const statementMs = 60_000
/**
 * Between two statements of a transaction there is nothing to wait for but the event loop. Others wait so long for a
 * node that stands still in the middle of one, once for each that it had under way on what they want.
 */
const idleTransactionMs = 5_000
const connectMs = 5_000

/** What `pg` connects with. Certificates are checked wherever TLS is used. Throws `StartRefused`. */
export function connectionOptions({ url, ca }: PostgresPlace): PoolConfig {
  const at = new URL(url)
  const host = at.searchParams.get('host') ?? decodeURIComponent(at.hostname.replace(/^\[|\]$/g, ''))
  const tls = tlsOptions(at.searchParams.get('sslmode'), ca)
  return {
    host,
    port: Number(at.port || 5432),
    user: decodeURIComponent(at.username) || undefined,
    password: decodeURIComponent(at.password) || undefined,
    database: decodeURIComponent(at.pathname.slice(1)) || undefined,
    ssl: tls ?? false,
    application_name: 'entrepot',
    // To compile a statement takes longer than any of ours that is not lost anyway.
    options: '-c jit=off',
    keepAlive: true,
    connectionTimeoutMillis: connectMs,
    statement_timeout: statementMs,
    // The server's own limit comes first; this one is for a server that has gone silent.
    query_timeout: statementMs + 5_000,
    idle_in_transaction_session_timeout: idleTransactionMs,
    types: { getTypeParser: parserOf as never },
  }
}

function tlsOptions(mode: string | null, ca: string | undefined): ConnectionOptions | undefined {
  const isOn = mode === null ? ca !== undefined : mode !== 'disable'
  if (!isOn) return undefined
  if (ca === undefined) return { rejectUnauthorized: true }
  try {
    return { rejectUnauthorized: true, ca: readFileSync(ca) }
  } catch (error) {
    throw new StartRefused(`config: database_ca: cannot read ${ca}: ${(error as Error).message}`)
  }
}

/** OIDs of the types of numbers (int2, int4, int8, float8, numeric): a double holds all of ours exactly. */
const numbers = new Set([20, 21, 23, 701, 1700])

/** The OID of bytea, in whose text `\x` stands first. */
const bytes = 17

/** Everything else in a result is text, but for what a comparison gives, which is 0 or 1 on both engines. */
function parserOf(oid: number): (value: string) => unknown {
  if (numbers.has(oid)) return Number
  if (oid === bytes) return (value) => Buffer.from(value.slice(2), 'hex')
  return oid === 16 ? (value) => (value === 't' ? 1 : 0) : (value) => value
}
