import { join, resolve } from 'node:path'
import type { z } from 'zod'
import type { DatabasePlace } from '../database/open.ts'
import { defaultPublicUrl, isPostgresUrl } from './addresses.ts'
import { readConfigFile } from './config-file.ts'
import type { FileValues } from './config-file.ts'
import { ConfigError } from './config-error.ts'
import { readEnvironment, withVariables } from './environment.ts'
import type { Variable } from './environment.ts'
import { deepFreeze } from './freeze.ts'
import { objectStoreConfig, type ObjectStoreConfig } from './object-store.ts'
import { describeIssues, variableAt } from './problems.ts'
import { fingerprints } from './live-config.ts'
import { configSchema } from './schema.ts'
import type { ConfigurableFormat } from './schema.ts'
import type { GroupRole } from './sign-in-keys.ts'
import type { MinFree } from './storage-care-keys.ts'
import { upstreamsConfig, type ConfiguredUpstream } from './upstream-keys.ts'

/** The whole configuration: validated, complete and frozen. All paths are absolute, all times in milliseconds. */
export interface Config {
  /** The file that was read, if any. */
  readonly file: string | undefined
  /** By key: tells whether two configurations have the same value, and not what it is. */
  readonly fingerprints: Readonly<Record<string, string>>
  /** '127.0.0.1:8080', '[::]:8080'; port 0 takes a free one. */
  readonly listen: string
  readonly data: string
  /** Without a slash at its end; may have a path. */
  readonly publicUrl: string
  /** Nobody set `publicUrl`: it follows `listen`, and is to be taken anew once a free port was found. */
  readonly publicUrlIsDefault: boolean
  /** Paths of PEM files. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined
  /** Left out: the one in `secretKeyPath`, made at the first start. */
  readonly secretKey: string | undefined
  readonly secretKeyPath: string
  readonly access: { readonly anonymous: boolean }
  readonly passwordSignIn: boolean
  /** Single sign-on; undefined: there is none. */
  readonly sso: SsoConfig | undefined
  readonly egress: EgressConfig
  /** By format: the upstreams of the instance, in order. */
  readonly upstreams: Readonly<Record<string, readonly ConfiguredUpstream[]>>
  /** Issuers that may be trusted although they are not on the public Internet. */
  readonly trusts: { readonly internalIssuers: readonly string[] }
  readonly groups: { readonly createTopLevel: 'admins' | 'users' }
  /** Processes that answer requests. */
  readonly workers: number | 'auto'
  /** In milliseconds. */
  readonly shutdown: { readonly delay: number; readonly grace: number }
  readonly metrics: MetricsConfig
  readonly log: {
    readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
    /** The level of the line that each request is. */
    readonly requests: 'info' | 'debug' | 'off'
  }
  readonly audit: { readonly log: boolean }
  readonly limits: {
    readonly headersTimeout: number
    readonly stallTimeout: number
    readonly keepAlive: number
  }
  readonly http: { readonly trustedProxies: readonly string[] }
  readonly rateLimits: RateLimits
  readonly packages: PackagesConfig
  /** Whether the server works off jobs itself. */
  readonly jobs: { readonly inServer: boolean }
  readonly database: DatabasePlace
  /** In bytes. */
  readonly cache: { readonly documentsBytes: number; readonly filesBytes: number }
}

/** Who may read the metrics. */
export interface MetricsConfig {
  readonly enabled: boolean
  /** CIDR notation. */
  readonly allow: readonly string[]
  readonly token: string | undefined
}

/** The OpenID provider that signs people in on the web. */
export interface SsoConfig {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string | undefined
  /** Space separated. */
  readonly scopes: string
  readonly name: string
  readonly groupsClaim: string
  readonly groupRoles: readonly GroupRole[]
  readonly adminGroup: string | undefined
  readonly createUsers: boolean
  /** In milliseconds; Infinity: never. */
  readonly recheckAfter: number
}

/** How the server reaches others. */
export interface EgressConfig {
  /** CIDR notation. */
  readonly allow: readonly string[]
  readonly allowHttp: boolean
  readonly proxy: string | undefined
  /** Path of a PEM file. */
  readonly ca: string | undefined
}

/** How often callers may ask. */
export interface RateLimits {
  /** Requests for packages; undefined: no limit. */
  readonly unauthenticated: Throttle | undefined
  readonly authenticated: Throttle | undefined
  readonly failedAuthenticationsPerMinute: number
  readonly uploadsAtOnce: number
}

/** So many requests a period. */
export interface Throttle {
  readonly requests: number
  /** In milliseconds. */
  readonly period: number
}

/** What holds for packages of every format. */
export interface PackagesConfig {
  readonly enabled: boolean
  readonly storagePath: string
  readonly restoreDays: number
  /** In milliseconds. */
  readonly sweepAfter: number
  /** The bucket, if there is one. */
  readonly objectStore: ObjectStoreConfig | undefined
  readonly collectAfter: number
  readonly minFree: MinFree
  /** From 0 to 1. */
  readonly verifyReads: number
  /** By format: the paths of the groups that feed it at instance level, in order. */
  readonly instance: Readonly<Record<string, readonly string[]>>
  /** By format, in bytes; every format has one. No limit is `Number.MAX_SAFE_INTEGER`. */
  readonly maxFileSize: Readonly<Record<string, number>>
}

/** Where a configuration comes from. */
export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>
  /** A file that must exist; before `ENTREPOT_CONFIG`. */
  readonly file?: string
  /** Every format of this server: each has a section of its own. */
  readonly formats: readonly ConfigurableFormat[]
  /** What relative paths of the environment start from. Default: the working directory. */
  readonly cwd?: string
}

/**
 * Reads the file and the environment (which wins) into one configuration. Relative paths in a file start from the
 * file's directory. Throws `ConfigError`, which tells all that is wrong at once.
 */
export function loadConfig({ env, file: named, formats, cwd = process.cwd() }: ConfigSources): Config {
  const schema = configSchema(formats)
  const { variables, problems } = readEnvironment(env, schema)
  const file = readConfigFile({
    cwd,
    named: named ?? (env.ENTREPOT_CONFIG || undefined),
    data: env.ENTREPOT_DATA || 'data',
  })
  const values = withVariables(file.values, variables)
  const result = schema.safeParse(values)
  if (!result.success) {
    problems.push(...describeIssues(result.error.issues, { schema, values, variables, file: file.path }))
  }
  if (problems.length > 0 || !result.success) throw new ConfigError(problems)
  return deepFreeze(complete(result.data, { formats, variables, file, cwd }))
}

const loopback: readonly string[] = ['127.0.0.0/8', '::1']

interface Context {
  readonly formats: readonly ConfigurableFormat[]
  readonly variables: readonly Variable[]
  readonly file: FileValues
  readonly cwd: string
}

type Values = z.output<ReturnType<typeof configSchema>>

function complete(values: Values, context: Context): Config {
  const path = (value: string, ...key: string[]) => resolve(baseOf(key, context), value)
  const data = path(values.data, 'data')
  refuseOtherData(data, context)
  const { tls, egress, limits, public_url } = values
  const { storage_path } = values.packages
  return {
    file: context.file.path,
    fingerprints: fingerprints(values, context.formats),
    listen: values.listen,
    data,
    publicUrl: public_url ?? defaultPublicUrl(values.listen, tls !== undefined),
    publicUrlIsDefault: public_url === undefined,
    tls: tls && { cert: path(tls.cert, 'tls', 'cert'), key: path(tls.key, 'tls', 'key') },
    secretKey: values.secret_key,
    secretKeyPath: join(data, 'secret_key'),
    access: values.access,
    passwordSignIn: values.password_sign_in,
    sso: ssoConfig(values),
    egress: {
      allow: egress.allow ?? [],
      allowHttp: egress.allow_http,
      proxy: egress.proxy,
      ca: egress.ca ? path(egress.ca, 'egress', 'ca') : undefined,
    },
    upstreams: upstreamsConfig(values.upstreams),
    trusts: { internalIssuers: values.trusts.internal_issuers ?? [] },
    groups: { createTopLevel: values.groups.create_top_level },
    workers: values.workers,
    shutdown: values.shutdown,
    metrics: {
      enabled: values.metrics.enabled,
      allow: values.metrics.allow ?? loopback,
      token: values.metrics.token,
    },
    log: values.log,
    audit: values.audit,
    limits: {
      headersTimeout: limits.headers_timeout,
      stallTimeout: limits.stall_timeout,
      keepAlive: limits.keep_alive,
    },
    http: { trustedProxies: values.http.trusted_proxies ?? [] },
    rateLimits: rateLimits(values.rate_limits),
    packages: {
      enabled: values.packages.enabled,
      storagePath: storage_path ? path(storage_path, 'packages', 'storage_path') : join(data, 'packages'),
      restoreDays: values.packages.restore_days,
      sweepAfter: values.packages.sweep_after,
      objectStore: objectStoreConfig(values.packages.object_store, (ca) =>
        path(ca, 'packages', 'object_store', 'connection', 'ca'),
      ),
      collectAfter: values.packages.collect_after,
      minFree: values.packages.min_free,
      verifyReads: values.packages.verify_reads,
      instance: definedEntries(values.packages.instance),
      maxFileSize: maxFileSizes(values.packages, context.formats),
    },
    jobs: { inServer: values.jobs.in_server },
    database: databaseConfig(values, data, path),
    cache: { documentsBytes: values.cache.documents_bytes, filesBytes: values.cache.files_bytes },
  }
}

function databaseConfig(
  { database, database_ca, database_connections }: Values,
  data: string,
  path: (value: string, ...key: string[]) => string,
): DatabasePlace {
  if (database === undefined) return { kind: 'sqlite', path: join(data, 'entrepot.db') }
  if (!isPostgresUrl(database)) return { kind: 'sqlite', path: path(database, 'database') }
  const ca = database_ca && path(database_ca, 'database_ca')
  return { kind: 'postgres', url: database, ca, connections: database_connections }
}

function ssoConfig({ sso, password_sign_in }: Values): SsoConfig | undefined {
  if (!sso && !password_sign_in) {
    throw new ConfigError(['password_sign_in: false leaves nobody a way to sign in; set sso, too'])
  }
  if (!sso) return undefined
  return {
    issuer: sso.issuer,
    clientId: sso.client_id,
    clientSecret: sso.client_secret,
    scopes: sso.scopes,
    name: sso.name,
    groupsClaim: sso.groups_claim,
    groupRoles: sso.group_roles ?? [],
    adminGroup: sso.admin_group,
    createUsers: sso.create_users,
    recheckAfter: sso.recheck_days === 0 ? Infinity : sso.recheck_days * 86_400_000,
  }
}

function rateLimits(values: Values['rate_limits']): RateLimits {
  const throttle = (caller: 'unauthenticated' | 'authenticated') => {
    const name = `throttle_${caller}_packages_api` as const
    if (!values[`${name}_enabled`]) return undefined
    const period = values[`${name}_period_in_seconds`] * 1000
    return { requests: values[`${name}_requests_per_period`], period }
  }
  return {
    unauthenticated: throttle('unauthenticated'),
    authenticated: throttle('authenticated'),
    failedAuthenticationsPerMinute: values.failed_authentications_per_minute,
    uploadsAtOnce: values.uploads_at_once,
  }
}

/** The directory that a relative path under `key` starts from. */
function baseOf(key: readonly string[], { file, variables, cwd }: Context): string {
  const inFile = file.path !== undefined && !variableAt(key, variables) && Object.hasOwn(file.values, key[0]!)
  return inFile ? join(file.path, '..') : cwd
}

function refuseOtherData(data: string, { file }: Context): void {
  if (!file.inData || join(file.path!, '..') === data) return
  throw new ConfigError([
    `data (in ${file.path}): a file that lies in the data directory cannot name another one; set ENTREPOT_DATA`,
  ])
}

function maxFileSizes(packages: object, formats: readonly ConfigurableFormat[]): Record<string, number> {
  const sections = packages as Record<string, { max_file_size: number }>
  return Object.fromEntries(
    formats.map(({ id }) => [id, sections[id]!.max_file_size || Number.MAX_SAFE_INTEGER]),
  )
}

function definedEntries<T>(values: Readonly<Record<string, T | undefined>>): Record<string, T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Record<
    string,
    T
  >
}
