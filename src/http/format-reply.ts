/** A format's plain reply, turned into what `send` takes. */
import { smallFile } from '../core/bytes/file-cache.ts'
import { movedTo, openStored, readSmall, type Check } from '../core/bytes/open-stored.ts'
import { damaged, noteDamage } from '../core/bytes/stored-bytes.ts'
import { sourceOf, type StoredSource } from '../core/bytes/stored-blob.ts'
import type { Core } from '../core/core.ts'
import { documentPart } from '../core/documents/serve.ts'
import { openRuns } from '../core/documents/sets/open-runs.ts'
import type { RenderedPart } from '../core/documents/rendered.ts'
import type { RegistryContext } from '../core/registry/context.ts'
import { upstreamFile } from '../core/upstream/find-file.ts'
import type { FileView, Format, Reply } from '../formats/format.ts'
import { notFound } from '../lib/problem.ts'
import { emptyContent, jsonContent, type BlobContent, type Content } from './content.ts'
import { attachment } from './disposition.ts'

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
  if ('file' in reply) {
    const content = await fileContent(core, context?.format, await atHand(context, reply.file))
    return { status, headers, content }
  }
  if ('redirect' in reply) {
    return {
      status: reply.status ?? 302,
      headers: { ...headers, location: reply.redirect },
      content: emptyContent,
    }
  }
  if (!('document' in reply)) return { status, headers, content: emptyContent }
  if (!context) throw new Error('an open route cannot answer with a document')
  const found = await documentPart(context, ...reply.document)
  if (found) {
    const { part, age } = found
    const aged: Record<string, string> = age === undefined ? {} : { age: String(age) }
    return {
      status,
      headers: { ...part.headers, ...aged, ...headers },
      content: partContent(core, reply.document, part),
    }
  }
  if (reply.otherwise) return sendable(core, context, reply.otherwise)
  throw notFound('404 Package Not Found')
}

function partContent(
  core: Core,
  [, key, path = key]: readonly [rule: string, key: string, part?: string],
  part: RenderedPart,
): Content {
  const { contentType, etag, size, runs } = part
  if (runs) {
    const fileName = path.slice(path.lastIndexOf('/') + 1)
    const open: BlobContent['open'] = (range) => openRuns(core, runs, range)
    return { kind: 'blob', size, sha256: etag, contentType, fileName, open }
  }
  if (part.gzip) return { kind: 'compressed', contentType, etag, size, gzip: part.gzip }
  return { kind: 'bytes', contentType, etag, body: part.body! }
}

/** For how long the address of a download is good, in seconds. */
const linkSeconds = 300

/** A file that only an upstream is known to have is fetched. Throws 404 where it has it no more. */
async function atHand(context: RegistryContext | undefined, file: FileView<any>): Promise<FileView<any>> {
  const source = sourceOf(file.blob)!
  if (source.kind !== 'remote') return file
  const found = context && (await upstreamFile(context, source.path))
  if (!found) throw notFound('404 Package Not Found')
  return found
}

/** `format` is undefined where no client of one asks: the bytes come from us then. */
async function fileContent(
  core: Core,
  format: Format<any> | undefined,
  file: FileView<any>,
): Promise<Content> {
  const source = sourceOf(file.blob)!
  const { size, path } = file
  const fileName = path.slice(path.lastIndexOf('/') + 1)
  if (source.kind === 'arriving') {
    const { sha256 } = file.digests
    const open: BlobContent['open'] = (range) => source.arrival.open(range)
    return { kind: 'blob', size, fileName, open, ...(sha256 === undefined ? {} : { sha256 }) }
  }
  if (source.kind === 'remote') throw new Error(`${path} has not been fetched`)
  if (source.kind === 'row' && source.isDamaged) throw damaged(path)
  const { sha256 } = file.blob
  const check = checkOf(core, file)
  const openAt = (storageKey: string) => (range?: { start: number; end?: number }) =>
    openStored(core, { storageKey, size, sha256 }, range, check)
  const content: BlobContent = {
    kind: 'blob',
    size,
    sha256,
    fileName,
    open: openAt(source.storageKey),
    taken: () => noteUse(core, file.packageId, source),
    async elsewhere(error) {
      const key = await movedTo(core, source, error)
      return key === undefined ? undefined : openAt(key)
    },
  }
  if (size > smallFile) return format ? { ...content, ...linkOf(core, format, source, content) } : content
  return size === 0 ? content : { ...content, bytes: await smallBytes(core, source, sha256, check) }
}

function noteUse(core: Core, packageId: number, source: StoredSource): void {
  if (source.kind === 'kept') core.upstreams.uses.files.note(source.fileId, core.clock())
  else core.downloads.note(packageId, core.clock())
}

/** A part of all downloads is checked; what is damaged on disk is remembered. */
function checkOf(core: Core, { path, blob: { sha256 } }: FileView<any>): Check {
  return {
    isWanted: Math.random() < core.config.packages.verifyReads,
    onDamage: (storageKey) => noteDamage(core, { storageKey, sha256, path }),
  }
}

async function smallBytes(core: Core, source: StoredSource, sha256: string, check: Check): Promise<Buffer> {
  const stored = { storageKey: source.storageKey, sha256 }
  try {
    return await readSmall(core.files, stored, check)
  } catch (error) {
    const storageKey = await movedTo(core, source, error)
    if (storageKey === undefined) throw error
    return readSmall(core.files, { storageKey, sha256 }, check)
  }
}

/** How to send the client to the bucket, where it may go there and its format's clients can. */
function linkOf(
  { blobs, config }: Core,
  { followsRedirects = true }: Format<any>,
  { storageKey }: StoredSource,
  { fileName }: BlobContent,
): Pick<BlobContent, 'link'> {
  const { objectStore } = config.packages
  if (!blobs.link || !followsRedirects || !objectStore || objectStore.proxyDownload) return {}
  const wish = { contentType: 'application/octet-stream', expiresIn: linkSeconds }
  const contentDisposition = attachment(fileName)
  return { link: (method) => blobs.link!(storageKey, { ...wish, method, contentDisposition }) }
}
