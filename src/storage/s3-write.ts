import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { CompletedPart } from '@aws-sdk/client-s3'
import { Problem } from '../lib/problem.ts'
import { nameOf } from './keys.ts'
import { inParts } from './parts.ts'
import type { S3Access } from './s3-client.ts'
import { isMissing, reaching, storeProblem } from './s3-errors.ts'
import type { S3Objects } from './s3-objects.ts'

/** All parts but the last are of this size, as some stores demand; a store takes 10,000 of them: 105 GB. */
const partBytes = 10 * 1024 * 1024
const mostParts = 10_000
/** Beside the one that is being filled. */
const partsUnderWay = 2

/** An object that is being written. */
interface Writing {
  readonly access: S3Access
  readonly objects: S3Objects
  readonly key: string
}

/** The store may hold something of this write that could not be taken back: its mark has to stay. */
class MayBeStored extends Error {
  override name = 'MayBeStored'
  constructor(cause: unknown) {
    super('an object store failed while it was written to', { cause })
  }
}

/**
 * Writes `body` to `key`, marked before its first byte is stored. Returns its size in bytes. Where the body fails,
 * nothing stays; where the store does, the mark, if anything may.
 */
export async function writeObject(writing: Writing, body: AsyncIterable<Uint8Array>): Promise<number> {
  const { objects, key } = writing
  const marked = objects.putMark(nameOf(key))
  // While the body is read nobody waits for it.
  marked.catch(() => {})
  try {
    return await writeBody(writing, marked, body)
  } catch (error) {
    if (error instanceof MayBeStored) {
      await objects.removeBytes(key).catch(() => {})
      throw error.cause
    }
    await marked.catch(() => {})
    await objects.removeMark(nameOf(key)).catch(() => {})
    throw error
  }
}

/** At once if it is smaller than a part, else part by part. */
async function writeBody(
  writing: Writing,
  marked: Promise<void>,
  body: AsyncIterable<Uint8Array>,
): Promise<number> {
  const spare: Buffer[] = []
  const parts = inParts(body, partBytes, spare)
  try {
    const first = await parts.next()
    const bytes = first.value ?? Buffer.alloc(0)
    await marked
    if (bytes.length === partBytes) return await writeParts(writing, bytes, parts, spare)
    await sure(putWhole(writing, bytes))
    return bytes.length
  } finally {
    await parts.return(undefined)
  }
}

async function sure<T>(request: Promise<T>): Promise<T> {
  try {
    return await request
  } catch (error) {
    throw new MayBeStored(error)
  }
}

async function putWhole({ access, objects, key }: Writing, bytes: Buffer): Promise<void> {
  const { sdk, client, bucket } = access
  const proof = proofOf(access, bytes)
  const put = {
    Bucket: bucket,
    Key: objects.bytesName(key),
    Body: bytes,
    ContentLength: bytes.length,
    ...proof,
  }
  compare(proof, await reaching(client.send(new sdk.PutObjectCommand(put))))
}

async function writeParts(
  writing: Writing,
  first: Buffer,
  rest: AsyncGenerator<Buffer, void>,
  spare: Buffer[],
): Promise<number> {
  const upload = await sure(beginUpload(writing))
  const underWay = new Set<Promise<void>>()
  let whole = 0
  let size = 0
  let failed: { error: unknown } | undefined
  function send(bytes: Buffer): void {
    whole = crc32(bytes, whole)
    size += bytes.length
    const sent = upload
      .send(bytes)
      // Only what the store has confirmed is sure to be read by no request any more.
      .then(() => void (bytes.length === partBytes && spare.push(bytes)))
      .catch((error: unknown) => void (failed ??= { error }))
      .finally(() => underWay.delete(sent))
    underWay.add(sent)
  }
  try {
    send(first)
    for await (const bytes of rest) {
      send(bytes)
      if (underWay.size > partsUnderWay) await Promise.race(underWay)
      if (failed) throw failed.error
    }
    await Promise.all(underWay)
    if (failed) throw failed.error
  } catch (error) {
    await Promise.all(underWay)
    await sure(upload.abort())
    // A part whose answer never came may still arrive, after the end of its upload.
    throw failed ? new MayBeStored(failed.error) : error
  }
  await sure(upload.complete(size, whole))
  return size
}

interface Upload {
  send(bytes: Buffer): Promise<void>
  complete(size: number, crc: number): Promise<void>
  abort(): Promise<void>
}

async function beginUpload({ access, objects, key }: Writing): Promise<Upload> {
  const { sdk, client, bucket, checksums } = access
  const at = { Bucket: bucket, Key: objects.bytesName(key) }
  const begin =
    checksums === 'crc32' ? ({ ...at, ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' } as const) : at
  const { UploadId } = await reaching(client.send(new sdk.CreateMultipartUploadCommand(begin)))
  const upload = { ...at, UploadId }
  const parts: CompletedPart[] = []
  return {
    async send(bytes) {
      const PartNumber = parts.length + 1
      if (PartNumber > mostParts)
        throw new Problem(
          413,
          'too_large',
          `At most ${mostParts * partBytes} bytes can be stored in a bucket`,
        )
      const proof = proofOf(access, bytes)
      const { ContentMD5: _, ...checksum } = proof
      const part: CompletedPart = { PartNumber, ...checksum }
      parts.push(part)
      const command = { ...upload, PartNumber, Body: bytes, ContentLength: bytes.length, ...proof }
      const answer = await reaching(client.send(new sdk.UploadPartCommand(command)))
      compare(proof, answer)
      Object.assign(part, { ETag: answer.ETag })
    },
    async complete(size, crc) {
      const proof =
        checksums === 'crc32' ? ({ ChecksumCRC32: base64(crc), ChecksumType: 'FULL_OBJECT' } as const) : {}
      const command = { ...upload, ...proof, MultipartUpload: { Parts: parts } }
      // An answer that was lost is asked for again; then there is no such upload any more, but the object.
      const completed = client
        .send(new sdk.CompleteMultipartUploadCommand(command))
        .catch((error: unknown) => {
          if (!isMissing(error)) throw error
        })
      await reaching(completed)
      const stored = await objects.size(key)
      if (stored !== size) throw storeProblem(new Error(`${stored} bytes are stored where ${size} were sent`))
    },
    async abort() {
      await reaching(client.send(new sdk.AbortMultipartUploadCommand(upload)))
    },
  }
}

/** What a request says about its bytes, for the store to check. */
interface Proof {
  readonly ChecksumCRC32?: string
  readonly ContentMD5?: string
}

function proofOf({ checksums }: S3Access, bytes: Buffer): Proof {
  if (checksums === 'none') return {}
  if (checksums === 'md5') return { ContentMD5: createHash('md5').update(bytes).digest('base64') }
  return { ChecksumCRC32: base64(crc32(bytes)) }
}

/** Throws where the store says that it holds other bytes. */
function compare({ ChecksumCRC32 }: Proof, answer: Proof): void {
  if (!ChecksumCRC32 || !answer.ChecksumCRC32 || answer.ChecksumCRC32 === ChecksumCRC32) return
  throw storeProblem(
    new Error(`the store holds bytes of checksum ${answer.ChecksumCRC32}, not ${ChecksumCRC32}`),
  )
}

function base64(crc: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc)
  return bytes.toString('base64')
}
