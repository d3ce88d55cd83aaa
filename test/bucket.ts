/** Where a test's packages lie: on disk or, where `ENTREPOT_TEST_BUCKET` names one, in a bucket, each test below a prefix of its own. */
import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../src/config/config.ts'
import { createClient, listAll, startVersitygw } from './nodes/versitygw.ts'

const variable = 'ENTREPOT_TEST_BUCKET'
const bucket = 'packages'

/** Starts an S3 server for the tests of this process and those that it starts. */
export async function startTestBucket(): Promise<{ stop(): Promise<void> }> {
  const server = await startVersitygw()
  await server.makeBucket(bucket)
  process.env[variable] = JSON.stringify(server.settings(bucket))
  return server
}

/** Whether the tests of this run keep their packages in a bucket. */
export const isInTestBucket = () => process.env[variable] !== undefined

/** What a server is configured with to keep packages apart from those of other tests. */
export function testStoreEnv(): Readonly<Record<string, string>> {
  const settings = process.env[variable]
  if (settings === undefined) return {}
  const prefix = randomBytes(8).toString('hex')
  return { ...JSON.parse(settings), ENTREPOT_PACKAGES__OBJECT_STORE__PREFIX: prefix }
}

/** The names of everything that a server stores, on disk or in its part of the bucket. */
export async function storedNames({ packages: { objectStore, storagePath } }: Config): Promise<string[]> {
  if (objectStore?.enabled) {
    const { endpoint, prefix } = objectStore
    const client = createClient(endpoint!)
    try {
      return (await listAll(client, bucket, prefix)).toSorted()
    } finally {
      client.destroy()
    }
  }
  const entries = await readdir(storagePath, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return files.toSorted()
}
