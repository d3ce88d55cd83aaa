import { Problem } from '../lib/problem.ts'
import { StartRefused } from '../lib/start-refused.ts'
import type { S3Access } from './s3-client.ts'
import { failureOf, type S3Failure } from './s3-errors.ts'
import type { S3Objects } from './s3-objects.ts'

/** Asks for the bucket and writes a mark called `name` there. Throws `StartRefused`, which says what to do. */
export async function checkBucket(access: S3Access, objects: S3Objects, name: string): Promise<void> {
  const { sdk, client, bucket } = access
  try {
    await client.send(new sdk.HeadBucketCommand({ Bucket: bucket }))
  } catch (error) {
    throw refused(access, failureOf(error))
  }
  try {
    await objects.putMark(name)
    await objects.removeMark(name)
  } catch (error) {
    const words = error instanceof Problem ? (error.cause as Error).message : String(error)
    throw new StartRefused(
      `storage: cannot write to the bucket ${bucket} (${words}): its policy must let this server list, read, write and delete`,
    )
  }
}

function refused({ bucket, endpoint, region }: S3Access, { name, status, message }: S3Failure): StartRefused {
  const where = endpoint === undefined ? `region ${region}` : endpoint
  const section = 'packages.object_store'
  if (status === 404)
    return new StartRefused(
      `storage: there is no bucket ${bucket} at ${where}: make it, or correct ${section}.remote_directory`,
    )
  if (status === 401 || status === 403)
    return new StartRefused(
      `storage: the bucket ${bucket} at ${where} is closed to this server (${status}): check the keys in ${section}.connection, and that they may list, read, write and delete there`,
    )
  if (status === 301 || status === 400)
    return new StartRefused(
      `storage: ${where} does not take requests for the bucket ${bucket} (${status}): check ${section}.connection.region and path_style`,
    )
  const why = status === undefined ? `${name}: ${message}` : `${status} ${name}`
  return new StartRefused(
    `storage: cannot reach the bucket ${bucket} at ${where} (${why.split('\n')[0]}): check ${section}.connection and that the store is running`,
  )
}
