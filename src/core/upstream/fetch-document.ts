/** Asks an upstream for a document, once for all who need it, and keeps what comes. */
import { createHash } from 'node:crypto'
import { Problem } from '../../lib/problem.ts'
import type { Db } from '../../database/database.ts'
import type { Core } from '../core.ts'
import { adoptBlobs, type NewBlob } from '../records/blobs.ts'
import {
  confirmUpstreamDocuments,
  findUpstreamDocuments,
  putUpstreamDocument,
  type KeptDocument,
  type NewUpstreamDocument,
} from '../records/upstream-documents.ts'
import type { Upstream } from '../records/upstreams.ts'
import { addressOf, askUpstream } from './client.ts'
import type { EgressStream } from '../egress/egress.ts'
import { failureOf, failureOfStatus, heldUp, notUsable } from './failure.ts'
import { Overtaken, type Lease } from './fetches.ts'
import { longestDocument, type RawAnswer } from './read-documents.ts'
import { keyOf, type Question } from './request-key.ts'
import { settled } from './settled.ts'

/** A document as an upstream has it now, or had it when it was last asked: kept, or just come. */
export type FetchedDocument = {
  readonly state: DocumentState
  /** Resolves when it is kept or confirmed, or could not be. */
  readonly kept?: Promise<void>
} & ({ readonly row: KeptDocument; readonly answer?: undefined } | { readonly answer: RawAnswer })
export type DocumentState = Pick<KeptDocument, 'revision' | 'changed_at' | 'checked_at'>

/** Throws where bytes are not what was asked for; a `Problem` 404 says that the upstream has something else there. */
export type Check = (answer: RawAnswer) => Promise<unknown>

/** Somebody else fetches it and goes on making progress: so long is waited, in milliseconds. */
const patienceMs = 120_000

/**
 * The document, fresh by its upstream's word; undefined: the upstream has no such thing and nothing is kept of it.
 * @throws Problem 502 to 504 where the upstream gives no usable answer.
 */
export function fetchDocument(
  core: Core,
  upstream: Upstream,
  request: Question,
  check: Check,
): Promise<FetchedDocument | undefined> {
  const { asking } = core.upstreams
  const key = `${upstream.id} ${keyOf(request)}`
  const known = asking.get(key) as Promise<FetchedDocument | undefined> | undefined
  if (known) return known
  const fetched = withLease(core, upstream, request, check)
  asking.set(key, fetched)
  void over(fetched).finally(() => asking.delete(key))
  return fetched
}

/** Until it is kept, others find it here. */
async function over(fetching: Promise<FetchedDocument | undefined>): Promise<void> {
  const fetched = await fetching.catch(() => undefined)
  await fetched?.kept
}

/** How a kept document is looked up. */
export async function keptDocument(
  core: Core,
  upstream: Upstream,
  request: Question,
): Promise<KeptDocument | undefined> {
  const [row] = await findUpstreamDocuments(core.database.read, [upstream.id], keyOf(request))
  return row?.blob.corrupt_at === null ? row : undefined
}

/** Whether it need not be asked for again yet. */
export const isFresh = (core: Core, { ttlMs }: Upstream, { checked_at }: KeptDocument) =>
  core.clock() < checked_at + ttlMs

async function withLease(core: Core, upstream: Upstream, request: Question, check: Check) {
  const { fetches } = core.upstreams
  const until = performance.now() + patienceMs
  while (performance.now() < until) {
    const lease = await fetches.take(`document ${upstream.id} ${keyOf(request)}`)
    const before = await keptDocument(core, upstream, request)
    if (before && isFresh(core, upstream, before)) {
      if (lease) await fetches.giveUp(lease)
      return { state: before, row: before }
    }
    if (!lease) {
      await fetches.ended(`document ${upstream.id} ${keyOf(request)}`)
      continue
    }
    try {
      return await fetchWith(core, { upstream, request, before, lease }, check)
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error
    }
  }
  throw heldUp(upstream.name)
}

interface Errand {
  readonly upstream: Upstream
  readonly request: Question
  readonly before: KeptDocument | undefined
  readonly lease: Lease
}

async function fetchWith(core: Core, errand: Errand, check: Check): Promise<FetchedDocument | undefined> {
  const { upstream, request, before, lease } = errand
  const { fetches, failing } = core.upstreams
  const failingKey = `${upstream.id} ${keyOf(request)}`
  try {
    const stream = await ask(core, errand)
    const { status } = stream
    if (status === 200) {
      const fetched = await take(core, errand, stream, check)
      failing.forget(failingKey)
      return fetched ?? (await unchanged(core, errand))
    }
    stream.body.destroy()
    const isGone = status === 404 || status === 410
    if (status !== 304 && !isGone) throw failureOfStatus(upstream.name, status, stream.headers)
    failing.forget(failingKey)
    return await unchanged(core, errand)
  } catch (error) {
    if (error instanceof Overtaken) throw error
    if (before) failing.add(failingKey)
    await fetches.giveUp(lease)
    throw failureOf(upstream.name, error)
  }
}

/** The upstream has nothing else: what it deletes stays with those who have used it. */
async function unchanged(core: Core, { before, lease }: Errand): Promise<FetchedDocument | undefined> {
  const { fetches, keeping } = core.upstreams
  if (!before) return void (await fetches.giveUp(lease))
  const row = { ...before, checked_at: core.clock() }
  const kept = fetches
    .end(lease, confirm, { id: before.id, at: row.checked_at })
    .catch((error: unknown) => notKept(core, lease, before.upstream_id, error))
  return { state: row, row, kept: keeping(kept) }
}

async function confirm(db: Db, confirmed: readonly { readonly id: number; readonly at: number }[]) {
  const ids = confirmed.map(({ id }) => id)
  await confirmUpstreamDocuments(db, ids, Math.min(...confirmed.map(({ at }) => at)))
  return ids.map(() => {})
}

function ask(core: Core, { upstream, request, before }: Errand): Promise<EgressStream> {
  const headers = before
    ? {
        ...(before.etag === null ? {} : { 'if-none-match': before.etag }),
        ...(before.last_modified === null ? {} : { 'if-modified-since': before.last_modified }),
      }
    : {}
  const url = addressOf(upstream, request.path)
  const asking = { headers, maxBytes: longestDocument, acceptEncoding: 'gzip' } as const
  return askUpstream(core, upstream, { url, accept: request.accept }, asking)
}

async function take(
  core: Core,
  errand: Errand,
  { headers, body }: EgressStream,
  check: Check,
): Promise<FetchedDocument | undefined> {
  const { upstream, request, before, lease } = errand
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity' && encoding !== 'gzip') {
    body.destroy()
    throw notUsable(upstream.name, `answered in an encoding that was not asked for`)
  }
  const { bytes, sha256 } = await allOf(body, () => core.upstreams.fetches.progress(lease))
  const now = core.clock()
  const isSame = before?.blob.sha256 === sha256 && before.encoding === encoding
  const state = {
    changed_at: isSame ? before.changed_at : now,
    checked_at: now,
    revision: before ? before.revision + (isSame ? 0 : 1) : 1,
  }
  const answer: RawAnswer = {
    bytes,
    encoding,
    changedAt: state.changed_at,
    upstreamId: upstream.id,
    revision: `${upstream.id}.${state.revision}`,
  }
  if (!(await isUsable(upstream, () => check(answer)))) return undefined
  const document: Keeping['document'] = {
    upstreamId: upstream.id,
    key: keyOf(request),
    encoding,
    etag: headers.etag ?? null,
    lastModified: headers['last-modified'] ?? null,
  }
  const keeping = { lease, document, before, isSame, bytes, sha256, now }
  return { state, answer, kept: core.upstreams.keeping(keep(core, keeping)) }
}

/** Hashed as it comes: the whole of a long one would hold others up. */
async function allOf(body: AsyncIterable<Buffer>, progress: () => void) {
  const chunks: Buffer[] = []
  const digest = createHash('sha256')
  for await (const chunk of body) {
    progress()
    digest.update(chunk)
    chunks.push(chunk)
  }
  return { bytes: Buffer.concat(chunks), sha256: digest.digest('hex') }
}

interface Keeping {
  readonly lease: Lease
  readonly document: Omit<NewUpstreamDocument, 'blobId'>
  readonly bytes: Buffer
  readonly sha256: string
  readonly now: number
  readonly before: KeptDocument | undefined
  /** These are the bytes that are kept. */
  readonly isSame: boolean
}

/** Nobody waits for it: what could not be kept is fetched again. */
async function keep(core: Core, keeping: Keeping): Promise<void> {
  const { lease, document, before, isSame, bytes, sha256, now } = keeping
  const { fetches } = core.upstreams
  const commit = (blob: Kept['blob']) => fetches.end(lease, keepDocuments, { document, before, now, blob })
  try {
    if (before && isSame) return void (await commit(before.blob))
    const { key, size } = await core.blobs.write(pieces(bytes), { gatherMs: fetches.gatherMs })
    await settled(core, key, () => commit({ key, size, sha256, digests: {} }))
  } catch (error) {
    await notKept(core, lease, document.upstreamId, error)
  }
}

async function notKept(core: Core, lease: Lease, upstream: number, error: unknown): Promise<void> {
  if (error instanceof Overtaken) return
  core.log.warn({ err: error, upstream }, 'what an upstream answered could not be kept')
  await core.upstreams.fetches.giveUp(lease)
}

interface Kept extends Pick<Keeping, 'document' | 'before' | 'now'> {
  readonly blob: KeptDocument['blob'] | NewBlob
}

async function keepDocuments(db: Db, documents: readonly Kept[]) {
  const { now } = documents[0]!
  const fresh = documents.flatMap(({ blob }) => ('key' in blob ? [blob] : []))
  const adopted = await adoptBlobs(db, fresh, now)
  const kept: { readonly blob: KeptDocument['blob'] }[] = []
  for (const { document, before, blob: brought, now: at } of documents) {
    const blob = 'key' in brought ? adopted.get(brought.sha256)! : brought
    await putUpstreamDocument(db, { ...document, blobId: blob.id }, before, at)
    kept.push({ blob })
  }
  return kept
}

async function* pieces(bytes: Buffer): AsyncIterable<Buffer> {
  for (let at = 0; at < bytes.length; at += 1024 * 1024) yield bytes.subarray(at, at + 1024 * 1024)
}

/** False: it is something else than was asked for. */
async function isUsable(upstream: Upstream, check: () => Promise<unknown>): Promise<boolean> {
  try {
    await check()
    return true
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return false
    throw notUsable(upstream.name, `answered with something that is no such document`, error)
  }
}
