/** A format's plain reply, turned into what `send` takes. */
import { smallFile } from '../core/bytes/file-cache.ts'
import { sourceOf } from '../core/bytes/stored-blob.ts'
import type { Core } from '../core/core.ts'
import { documentPart } from '../core/documents/serve.ts'
import type { RenderedPart } from '../core/documents/rendered.ts'
import type { RegistryContext } from '../core/registry/context.ts'
import type { FileView, Reply } from '../formats/format.ts'
import { notFound } from '../lib/problem.ts'
import { emptyContent, jsonContent, type Content } from './content.ts'

export interface Sendable {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly content: Content
}

/** `context` is undefined for open routes, which have no registry and so no files or documents. */
export async function sendable(
  core: Core,
  context: RegistryContext | undefined,
  reply: Reply,
): Promise<Sendable> {
  const { status = 200, headers = {} } = reply
  if ('json' in reply) return { status, headers, content: jsonContent(reply.json) }
  if ('text' in reply) {
    const body = typeof reply.text === 'string' ? Buffer.from(reply.text) : reply.text
    return { status, headers, content: { kind: 'bytes', contentType: 'text/plain; charset=utf-8', body } }
  }
  if ('file' in reply) return { status, headers, content: await fileContent(core, reply.file) }
  if ('redirect' in reply) {
    return {
      status: reply.status ?? 302,
      headers: { ...headers, location: reply.redirect },
      content: emptyContent,
    }
  }
  if (!('document' in reply)) return { status, headers, content: emptyContent }
  if (!context) throw new Error('an open route cannot answer with a document')
  const part = await documentPart(context, ...reply.document)
  if (part) return { status, headers: { ...part.headers, ...headers }, content: partContent(part) }
  if (reply.otherwise) return sendable(core, context, reply.otherwise)
  throw notFound('404 Package Not Found')
}

function partContent(part: RenderedPart): Content {
  const { contentType, etag, size } = part
  if (part.gzip) return { kind: 'compressed', contentType, etag, size, gzip: part.gzip }
  return { kind: 'bytes', contentType, etag, body: part.body! }
}

async function fileContent(core: Core, file: FileView<any>): Promise<Content> {
  const { storageKey } = sourceOf(file.blob)!
  core.downloads.note(file.packageId, core.clock())
  const content = {
    kind: 'blob',
    size: file.size,
    sha256: file.blob.sha256,
    fileName: file.path.slice(file.path.lastIndexOf('/') + 1),
    open: (range?: { start: number; end: number }) =>
      core.blobs.open(storageKey, range ?? { start: 0, end: file.size - 1 }),
  } as const
  if (file.size > smallFile || file.size === 0) return content
  return { ...content, bytes: await core.files.read(storageKey) }
}
