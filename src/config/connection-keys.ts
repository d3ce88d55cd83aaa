/** How to reach a bucket: the keys that GitLab's configuration uses. Reserved until buckets are available. */
import { flag, optionalSetting, text, wholeNumber } from './settings.ts'

const plain = (about: string) => optionalSetting(text('a text'), `${about}. Reserved.`)
const secret = (about: string) =>
  optionalSetting(text('a text', { max: 65_536 }), `${about}. Reserved.`, { secret: true })
const choice = (about: string) => optionalSetting(flag, `${about}. Reserved.`)

/** The shape of `packages.object_store.connection`. */
export const connectionKeys = {
  provider: plain("'AWS', 'Google' or 'AzureRM'"),
  aws_access_key_id: plain('The key id'),
  aws_secret_access_key: secret('The secret key'),
  region: plain("The bucket's region"),
  host: plain('The host of an S3-compatible store'),
  endpoint: plain('The URL of an S3-compatible store'),
  path_style: choice('Whether the bucket stands in the path'),
  use_iam_profile: choice("Whether the machine's role is used instead of keys"),
  aws_signature_version: optionalSetting(wholeNumber(2, 4), 'The version of request signatures. Reserved.'),
  enable_signature_v4_streaming: choice('Whether streamed bodies are signed'),
  google_project: plain('The project'),
  google_client_email: plain('The service account'),
  google_json_key_location: plain("The path of the service account's key"),
  google_json_key_string: secret("The service account's key"),
  google_application_default: choice("Whether the machine's own credentials are used"),
  azure_storage_account_name: plain('The storage account'),
  azure_storage_access_key: secret('Its access key'),
  azure_storage_domain: plain('The domain of the storage account'),
}
