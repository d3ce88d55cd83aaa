/** Every key of `entrepot.yml`, with its default and the words that explain it. */
import { z } from 'zod'
import { parseListen, parsePublicUrl } from './addresses.ts'
import { connectionKeys, objectStoreKeys } from './connection-keys.ts'
import { databaseKeys } from './database-keys.ts'
import { egressKeys, trustsKeys } from './egress-keys.ts'
import { httpKeys, rateLimitKeys } from './network-keys.ts'
import { duration, limitsKeys, logKeys, metricsKeys, shutdownKeys, workersKind } from './operation-keys.ts'
import { ssoKeys } from './sign-in-keys.ts'
import {
  atRunTime,
  flag,
  listOf,
  oneOf,
  optionalSetting,
  parsed,
  requiredSetting,
  setting,
  text,
  wholeNumber,
} from './settings.ts'
import { parseSize } from './sizes.ts'
import { storageCareKeys } from './storage-care-keys.ts'
import { upstreamKeys } from './upstream-keys.ts'

/** What the configuration must know of a format. */
export interface ConfigurableFormat {
  readonly id: string
  /** Default largest file, in bytes. */
  readonly maxFileSize: number
  /** Whether its registries fill from others. */
  readonly upstream?: unknown
}

const path = text('a path')
const size = parsed("a number of bytes, or a size such as '500MiB' or '5GB'", parseSize)
const groupPath = z
  .string()
  .regex(/^(?!.*(^|\/)\.{1,2}(\/|$))[A-Za-z0-9_.][A-Za-z0-9_.-]*(\/[A-Za-z0-9_.][A-Za-z0-9_.-]*)*$/)
const groupPaths = listOf(groupPath, "a list of group paths, such as ['platform', 'acme/libs']")

const listen = parsed("an address and a port, such as '127.0.0.1:8080' or '[::]:8080'", parseListen)
const publicUrl = parsed(
  "an http or https URL without query, such as 'https://packages.example.com' or 'https://example.com/packages'",
  parsePublicUrl,
)
/** A section: a known set of keys, all of which may be left out. */
function section<T extends z.core.$ZodShape>(shape: T) {
  return z.strictObject(shape).prefault({} as never)
}

/** The schema with a section per format under `packages`. Throws if a format is called like a key of that section. */
export function configSchema(formats: readonly ConfigurableFormat[]) {
  const shared = packagesShape(formats)
  const clash = formats.find(({ id }) => id in shared)
  if (clash) throw new Error(`a format cannot be called ${clash.id}: that is a key of the packages section`)
  const perFormat = formats.map((format) => [format.id, formatSection(format)] as const)
  return z.strictObject({
    listen: setting(listen, '127.0.0.1:8080', 'Where the server listens.'),
    data: setting(path, './data', 'The directory that holds the database, the packages and the secret key.'),
    public_url: optionalSetting(
      publicUrl,
      'The address people and clients use; every link starts with it. May have a sub-path.',
      {
        fallback: 'the address of `listen`',
      },
    ),
    tls: z
      .strictObject({
        cert: requiredSetting(path, 'The certificate chain, a PEM file.'),
        key: requiredSetting(path, 'Its private key, a PEM file.'),
      })
      .optional(),
    secret_key: optionalSetting(
      text('a secret text of 32 to 1024 characters', { min: 32, max: 1024 }),
      'Seals the secrets that must be read back. Servers that share a database need the same one.',
      { fallback: 'made at the first start and kept in `data`', secret: true },
    ),
    access: section({
      anonymous: setting(flag, false, 'Whether callers without a credential may read public projects.'),
    }),
    password_sign_in: setting(
      flag,
      true,
      'Whether people may sign in with a password. If not, `entrepot user reset-password` still lets a user in.',
    ),
    sso: z.strictObject(ssoKeys).optional(),
    egress: section(egressKeys),
    upstreams: section(upstreamKeys(formats.filter((one) => one.upstream).map(({ id }) => id))),
    trusts: section(trustsKeys),
    groups: section({
      create_top_level: setting(oneOf('admins', 'users'), 'admins', 'Who may create top-level groups.'),
    }),
    workers: setting(workersKind, 1, 'How many processes answer requests.'),
    shutdown: section(shutdownKeys),
    metrics: section(metricsKeys),
    log: section(logKeys),
    audit: section({
      log: setting(flag, false, 'Whether every audit event is also a line of the log, at level info.'),
    }),
    limits: section(limitsKeys),
    http: section(httpKeys),
    rate_limits: section(rateLimitKeys),
    packages: section({ ...shared, ...(Object.fromEntries(perFormat) as {}) }),
    ...databaseKeys,
    jobs: section({
      in_server: setting(
        flag,
        true,
        'Whether `entrepot serve` works off jobs, such as collection and webhooks, itself; if not, `entrepot worker` must.',
      ),
    }),
    cache: section({
      documents_bytes: setting(size, '64MiB', 'Memory for rendered documents.'),
      files_bytes: setting(size, '64MiB', 'Memory for small package files.'),
    }),
  })
}

function packagesShape(formats: readonly ConfigurableFormat[]) {
  const feeds = formats.map(({ id }) => [
    id,
    optionalSetting(groupPaths, 'The groups that feed this format at instance level, in order.', {
      fallback: 'none',
    }),
  ])
  return {
    enabled: setting(flag, true, 'Whether packages are served at all.'),
    storage_path: optionalSetting(path, 'The directory for the bytes of packages.', {
      fallback: '`<data>/packages`',
    }),
    restore_days: atRunTime(
      setting(wholeNumber(0, 3650), 7, 'For how many days a deleted package can be restored.'),
    ),
    sweep_after: setting(
      duration,
      '25h',
      'How old what an interrupted upload left in storage must be to be removed. An upload may last up to 24 hours, and never longer than 24 of 25 parts of this.',
    ),
    ...storageCareKeys,
    instance: section(Object.fromEntries(feeds) as Record<string, z.ZodType<string[] | undefined>>),
    object_store: section({
      ...objectStoreKeys,
      connection: section(connectionKeys),
    }),
  }
}

function formatSection({ maxFileSize }: ConfigurableFormat) {
  return section({
    max_file_size: atRunTime(setting(size, maxFileSize, 'The largest file of this format; 0 for no limit.')),
  })
}
