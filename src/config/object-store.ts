import type { S3Options } from '../storage/s3-client.ts'
import { ConfigError } from './config-error.ts'

/** A bucket for packages, and what it is used for. */
export interface ObjectStoreConfig extends S3Options {
  /** Whether new packages go there; those that are there are read in any case. */
  readonly enabled: boolean
  /** Whether downloads stream through the server. */
  readonly proxyDownload: boolean
}

/** The section as it was read. */
export interface ObjectStoreValues {
  readonly enabled: boolean
  readonly remote_directory?: string | undefined
  readonly prefix?: string | undefined
  readonly proxy_download: boolean
  readonly timeout: number
  readonly checksums: S3Options['checksums']
  readonly connection: {
    readonly aws_access_key_id?: string | undefined
    readonly aws_secret_access_key?: string | undefined
    readonly region: string
    readonly host?: string | undefined
    readonly endpoint?: string | undefined
    readonly path_style: boolean
    readonly ca?: string | undefined
    readonly use_iam_profile: boolean
  }
}

const section = 'packages.object_store'

/** The bucket that the section names; undefined: none. Throws `ConfigError` where it does not say enough. */
export function objectStoreConfig(
  values: ObjectStoreValues,
  resolvePath: (path: string) => string,
): ObjectStoreConfig | undefined {
  const { remote_directory: bucket, connection, prefix } = values
  if (bucket === undefined) {
    if (!values.enabled) return undefined
    throw new ConfigError([`${section}.remote_directory is missing: it must be the name of a bucket`])
  }
  const host = connection.host === undefined ? undefined : `https://${connection.host}`
  return {
    enabled: values.enabled,
    proxyDownload: values.proxy_download,
    bucket,
    prefix: prefix === undefined ? '' : `${prefix}/`,
    region: connection.region,
    endpoint: connection.endpoint ?? host,
    pathStyle: connection.path_style,
    keys: keysOf(connection),
    ca: connection.ca === undefined ? undefined : resolvePath(connection.ca),
    checksums: values.checksums,
    timeoutMs: values.timeout,
  }
}

function keysOf(connection: ObjectStoreValues['connection']): S3Options['keys'] {
  const { aws_access_key_id: id, aws_secret_access_key: secret, use_iam_profile: profile } = connection
  if (id !== undefined && secret !== undefined && !profile) return { id, secret }
  if (id === undefined && secret === undefined && profile) return undefined
  throw new ConfigError([
    `${section}.connection needs both aws_access_key_id and aws_secret_access_key, or use_iam_profile: true and neither`,
  ])
}
