/** The section `packages.object_store`, in the keys that GitLab's configuration uses, and some of our own. */
import { parseBucketEndpoint, parseBucketPrefix } from './addresses.ts'
import { parseDuration } from './durations.ts'
import { flag, oneOf, optionalSetting, parsed, setting, text, wholeNumber } from './settings.ts'

const ignored = 'Accepted and without effect.'
const plain = (about: string) => optionalSetting(text('a text'), about)
const secret = (about: string) => optionalSetting(text('a text', { max: 65_536 }), about, { secret: true })
const endpoint = parsed("an http or https URL, such as 'https://s3.example.com:9000'", parseBucketEndpoint)
const prefix = parsed("a path without a slash at its start, such as 'entrepot/packages'", parseBucketPrefix)
const duration = parsed("a number of seconds above zero, or a duration such as '30s'", parseDuration)

/** The keys of `packages.object_store` beside `connection`. */
export const objectStoreKeys = {
  enabled: setting(
    flag,
    false,
    'Whether new packages are stored in the bucket. Those that lie on disk are still read from there.',
  ),
  remote_directory: optionalSetting(
    text("a bucket's name"),
    'The bucket. Set, it is read from even if not enabled.',
    {
      fallback: 'none',
    },
  ),
  prefix: optionalSetting(prefix, 'Where in the bucket packages are stored.', { fallback: 'at its root' }),
  proxy_download: setting(
    flag,
    false,
    'Whether downloads stream through the server. If not, clients are sent to the bucket for files over 256 KiB, but for formats whose clients cannot go there.',
  ),
  timeout: setting(
    duration,
    '30s',
    'How long the store may take for one answer, or pause within one; it is asked up to three times.',
  ),
  checksums: setting(
    oneOf('crc32', 'md5', 'none'),
    'crc32',
    'How the store checks what it is sent. Other makers may know md5 only, or none.',
  ),
  direct_upload: optionalSetting(flag, ignored),
  background_upload: optionalSetting(flag, ignored),
}

/** The keys of `packages.object_store.connection`. */
export const connectionKeys = {
  provider: setting(oneOf('AWS'), 'AWS', 'S3 and what is compatible with it.'),
  aws_access_key_id: plain('The key id. With `use_iam_profile` it is left out.'),
  aws_secret_access_key: secret('The secret key.'),
  region: setting(text('a region'), 'us-east-1', "The bucket's region."),
  host: plain('The host of an S3-compatible store, reached by https; `endpoint` says more.'),
  endpoint: optionalSetting(
    endpoint,
    'The URL of an S3-compatible store. Clients need to reach it, too, unless `proxy_download` is set.',
    { fallback: "the provider's, by region" },
  ),
  path_style: setting(flag, false, "Whether the bucket stands in the path instead of the host's name."),
  ca: optionalSetting(text('a path'), 'A PEM file with the authorities that vouch for the store.', {
    fallback: 'the known ones',
  }),
  use_iam_profile: setting(
    flag,
    false,
    'Whether the credentials of the machine, container or pod are used instead of keys.',
  ),
  aws_signature_version: setting(
    wholeNumber(4, 4),
    4,
    'The version of request signatures; there is no other.',
  ),
  enable_signature_v4_streaming: optionalSetting(flag, ignored),
}
