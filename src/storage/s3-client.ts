import { readFileSync } from 'node:fs'
import type * as Sdk from '@aws-sdk/client-s3'
import { StartRefused } from '../lib/start-refused.ts'

/** A bucket and how to reach it. */
export interface S3Options {
  readonly bucket: string
  /** In front of every key: '' or a path that ends with a slash. */
  readonly prefix: string
  readonly region: string
  /** Left out: the provider's own, by region. */
  readonly endpoint: string | undefined
  /** Whether the bucket stands in the path instead of the host's name. */
  readonly pathStyle: boolean
  /** Left out: those of the machine, container or job (instance credentials). */
  readonly keys: { readonly id: string; readonly secret: string } | undefined
  /** Path of a PEM file with authorities to trust instead of the known ones. */
  readonly ca: string | undefined
  /** How the store proves that it got what was sent. */
  readonly checksums: Checksums
  /** How long the store may take to answer one request, or pause within an answer, in milliseconds. */
  readonly timeoutMs: number
}

/** Stores of other makers may know MD5 only, or refuse any. */
export type Checksums = 'crc32' | 'md5' | 'none'

/** The library, loaded at first use, and one client of it for one bucket. */
export interface S3Access extends S3Options {
  readonly sdk: typeof Sdk
  readonly client: Sdk.S3Client
}

const connectMs = 5000
const attempts = 3
const socketsAtOnce = 1024

/** Makes a client; asks nothing of the store yet. Throws `StartRefused` when the authorities cannot be read. */
export async function accessS3(options: S3Options): Promise<S3Access> {
  const sdk = await import('@aws-sdk/client-s3')
  const { keys, endpoint, timeoutMs } = options
  const agent = { keepAlive: true, maxSockets: socketsAtOnce }
  const client = new sdk.S3Client({
    region: options.region,
    forcePathStyle: options.pathStyle,
    maxAttempts: attempts,
    // What is checked, and how, is ours to say: not every store knows what the library would add.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    followRegionRedirects: true,
    // With it, parts would go through connections that know nothing of `ca`, one for each.
    expectContinueHeader: false,
    requestHandler: {
      connectionTimeout: connectMs,
      requestTimeout: timeoutMs,
      throwOnRequestTimeout: true,
      socketTimeout: timeoutMs,
      httpAgent: agent,
      httpsAgent: { ...agent, ...(options.ca === undefined ? {} : { ca: authorities(options.ca) }) },
    },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(keys && { credentials: { accessKeyId: keys.id, secretAccessKey: keys.secret } }),
  })
  return { ...options, sdk, client }
}

function authorities(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new StartRefused(
      `config: packages.object_store.connection.ca: cannot read ${path}: ${(error as Error).message}`,
    )
  }
}
