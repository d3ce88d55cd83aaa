/** The body of `PUT /:name`: a packument whose attachment, the tarball in Base64, may stand anywhere in it. */
import type { StagedBlob, WriteCall } from '../format.ts'
import { decodeBase64 } from '../../lib/base64-stream.ts'
import { readJsonStream } from '../../lib/json-stream.ts'
import { invalid } from '../../lib/problem.ts'
import { isObject, objectOf, type JsonObject } from './json-values.ts'
import type { NpmModels } from './manifest.ts'

export interface PublishBody {
  readonly document: JsonObject
  /** Left out in bodies that only change what is published (deprecate, unpublish). */
  readonly attachment?: { readonly name: string; readonly blob: StagedBlob }
}

const maxBytes = 16 * 1024 * 1024
const maxDepth = 64

/** Reads the body as it arrives, the attachment going straight to storage. Throws 400 and 413. */
export async function readPublishBody({ request, registry }: WriteCall<NpmModels>): Promise<PublishBody> {
  let attachment: PublishBody['attachment']
  const document = await readJsonStream(request.body, {
    at: ['_attachments', null, 'data'],
    maxBytes,
    maxDepth,
    take: async ([, name = ''], text) => {
      if (attachment)
        throw invalid('send exactly one attachment, the tarball (provenance bundles are not kept)')
      attachment = { name, blob: await registry.stage(decodeBase64(text)) }
    },
  })
  if (!isObject(document)) throw invalid('the request body is not a JSON object')
  const attachments = document._attachments ?? {}
  if (!isObject(attachments)) throw invalid('_attachments is not an object')
  const names = Object.keys(attachments)
  if (!attachment && names.length > 0) throw invalid('the attachment has no data')
  if (attachment) checkAttachment(attachment, names, objectOf(attachments[attachment.name]))
  return { document, ...(attachment && { attachment }) }
}

function checkAttachment(
  { name, blob }: NonNullable<PublishBody['attachment']>,
  names: readonly string[],
  described: JsonObject,
): void {
  // Repeated keys would let the document describe another attachment than the one that was stored.
  if (names.length !== 1 || names[0] !== name) throw invalid('send exactly one attachment, the tarball')
  if (blob.size === 0) throw invalid('the attachment is empty')
  const { length } = described
  if (length !== undefined && length !== blob.size) {
    throw invalid(
      `the attachment has ${blob.size} bytes, its length says ${JSON.stringify(length)?.slice(0, 40)}`,
    )
  }
}

/** The names in the body are those in the URL, on which the caller was authorised. */
export function checkNames(document: JsonObject, name: string): void {
  for (const field of ['name', '_id'] as const) {
    const given = document[field]
    if (given !== undefined && given !== name) {
      throw invalid(
        `${field} ${JSON.stringify(given).slice(0, 250)} in the body is not the name in the URL, ${name}`,
      )
    }
  }
}
