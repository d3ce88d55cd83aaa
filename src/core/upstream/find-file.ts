/** Files that come from upstream: kept, on their way, or to be fetched. */
import type { Digest, Digests, FileView, UpstreamFile } from '../../formats/format.ts'
import { brand, type BlobSource } from '../bytes/stored-blob.ts'
import type { Core } from '../core.ts'
import { pinFirst, type Pin } from '../records/pins.ts'
import { findUpstreamFiles, type KeptFile } from '../records/upstream-files.ts'
import type { Upstream } from '../records/upstreams.ts'
import type { RegistryContext } from '../registry/context.ts'
import { Arriving } from './arriving.ts'
import { heldUp } from './failure.ts'
import { fetchFile } from './fetch-file.ts'
import { subjectOf, upstreamWithName } from './from-upstream.ts'
import { withDigest } from './later-digest.ts'
import { demandPinned } from './pinned.ts'
import { mayFill, pinPlaceOf } from './scope.ts'

/** Up to this size all of a file is awaited before it is handed out: its digests are known then. In bytes. */
const wholeFirst = 1024 * 1024
/** Somebody else fetches it and goes on making progress: so long is waited, in milliseconds. */
const patienceMs = 120_000

/**
 * The file under a path of the registry, as upstreams have it; undefined: they have none that this caller may get.
 * @throws Problem 502 to 504 where an upstream fails and nothing is kept.
 */
export async function upstreamFile(
  context: RegistryContext,
  path: string,
  { digest }: { readonly digest?: Digest | undefined } = {},
): Promise<FileView<any> | undefined> {
  const file = context.format.upstream?.file(path)
  const subject = file && (await subjectOf(context, file.name))
  if (!subject) return undefined
  const { name, upstreams } = subject
  const wanted = { path, file: { ...file, name }, digest }
  const kept = isComing(context, upstreams, path) ? undefined : await keptIn(context, upstreams, path)
  if (kept) return keptView(context, wanted, kept)
  return fill(context, upstreams, wanted)
}

const keyOf = ({ id }: Upstream, path: string) => `file ${id} ${path}`

/** It is not kept then, and nobody else is asked. */
function isComing({ core }: RegistryContext, upstreams: readonly Upstream[], path: string): boolean {
  return upstreams.length === 1 && core.upstreams.arriving.has(keyOf(upstreams[0]!, path))
}

interface Wanted {
  readonly path: string
  readonly file: UpstreamFile
  /** All of it is awaited then, however long it is. */
  readonly digest: Digest | undefined
}

async function keptIn(
  context: RegistryContext,
  upstreams: readonly Upstream[],
  path: string,
): Promise<(KeptFile & { upstream: Upstream }) | undefined> {
  const { core, generation } = context
  const ids = upstreams.map((upstream) => upstream.id)
  const place = pinPlaceOf(context)
  const key = `upstream-files/${place.rootId}/${ids.join(',')}/${path}`
  const rows = await core.kept.get(key, generation(), () =>
    findUpstreamFiles(core.database.read, ids, path, place),
  )
  const whole = rows.filter((row) => row.blob.corrupt_at === null)
  for (const upstream of upstreams) {
    const row = whole.find((one) => one.upstream_id === upstream.id)
    if (row) return { ...row, upstream }
  }
  return undefined
}

/** A kept file is what it was when it was first seen below this top-level group, or it is not handed out. */
async function keptView(
  context: RegistryContext,
  wanted: Wanted,
  row: KeptFile & { readonly upstream: Pick<Upstream, 'id' | 'name'> },
): Promise<FileView<any>> {
  const { core } = context
  const place = pinPlaceOf(context)
  const offer = { upstream: row.upstream, place, path: wanted.path }
  const digests = await withDigest(core, row.blob, wanted)
  // Whoever waited together with others may have been looking from another top-level group.
  const isOurs = row.pin?.rootId === place.rootId
  const pin = row.pin && isOurs ? row.pin : await pinned(context, wanted, digests)
  await demandPinned(core, offer, pin, digests)
  const { storage_key: storageKey, size, sha256 } = row.blob
  const source = { kind: 'kept', storageKey, blobId: row.blob.id, fileId: row.id } as const
  return viewOf(wanted, size, digests, sha256, source)
}

/** Pins a file that is handed out below this top-level group for the first time. */
async function pinned(context: RegistryContext, { path, file }: Wanted, digests: Digests): Promise<Pin> {
  const { core } = context
  const { name, version = null } = file
  const pin = { ...pinPlaceOf(context), path, name, version, digests }
  return core.database.write((db) => pinFirst(db, pin, core.clock()), { beside: [] })
}

function viewOf(
  { path, file: { name, version = '' } }: Wanted,
  size: number,
  digests: Digests,
  sha256: string,
  source: BlobSource,
): FileView<any> {
  const blob = brand({ size, sha256, digests }, source)
  return {
    id: 0,
    packageId: 0,
    name,
    version,
    path,
    createdAt: new Date(0),
    size,
    digests,
    blob,
    metadata: {},
  }
}

/** One that may not be asked ends the search: those after it must not answer for what it may have. */
async function fill(
  context: RegistryContext,
  upstreams: readonly Upstream[],
  wanted: Wanted,
): Promise<FileView<any> | undefined> {
  for (const upstream of await inQuestion(context, upstreams, wanted)) {
    if (!mayFill(context, upstream)) return undefined
    const found = await fillFrom(context, upstream, wanted)
    if (found) return found
  }
  return undefined
}

/** Where a format says which document tells who has a name, only that upstream is asked for its files. */
async function inQuestion(context: RegistryContext, upstreams: readonly Upstream[], { file }: Wanted) {
  if (!file.namedBy || upstreams.length === 1) return upstreams
  return upstreamWithName(context, file.name, file.namedBy)
}

/** What becomes of a wish: it is kept, on its way, or not there. */
type Obtained = KeptFile | Arriving<KeptFile> | 'missing'

async function fillFrom(
  context: RegistryContext,
  upstream: Upstream,
  wanted: Wanted,
): Promise<FileView<any> | undefined> {
  const { arriving, missing } = context.core.upstreams
  const key = keyOf(upstream, wanted.path)
  if (missing.has(key)) return undefined
  let obtaining = arriving.get(key) as Promise<Obtained> | undefined
  if (!obtaining) {
    obtaining = obtain(context, upstream, wanted, key)
    arriving.set(key, obtaining)
    void forgetWhenOver(context.core, key, obtaining)
  }
  const obtained = await obtaining
  if (obtained === 'missing') return void missing.add(key)
  return obtained instanceof Arriving
    ? handedOut(context, upstream, wanted, obtained)
    : keptView(context, wanted, { ...obtained, upstream })
}

async function forgetWhenOver({ upstreams }: Core, key: string, obtaining: Promise<Obtained>): Promise<void> {
  const { arriving, justKept } = upstreams
  try {
    const obtained = await obtaining
    if (obtained instanceof Arriving) await obtained.kept
    if (obtained !== 'missing') justKept.add(key)
  } catch {
    // Whoever waits for it hears of it.
  } finally {
    arriving.delete(key)
  }
}

/** Fetches the file, unless somebody else does: then waits until that is over. */
async function obtain(
  context: RegistryContext,
  upstream: Upstream,
  { path, file }: Wanted,
  key: string,
): Promise<Obtained> {
  const { core } = context
  const { fetches, isAlone, justKept } = core.upstreams
  const place = pinPlaceOf(context)
  const until = performance.now() + patienceMs
  while (performance.now() < until) {
    const lease = await fetches.take(key)
    // Whoever looked before found nothing; if nobody could have brought it since, there is nothing.
    const mayBeKept = !isAlone || justKept.has(key)
    const [row] = mayBeKept ? await findUpstreamFiles(core.database.read, [upstream.id], path, place) : []
    if (row?.blob.corrupt_at === null) {
      if (lease) await fetches.giveUp(lease)
      return row
    }
    if (!lease) {
      await fetches.ended(key)
      continue
    }
    return (await fetchFile(core, { upstream, path, file, place, lease })) ?? 'missing'
  }
  throw heldUp(upstream.name)
}

/** Nobody waits for its being kept: what is right is right. */
async function handedOut(
  context: RegistryContext,
  upstream: Upstream,
  wanted: Wanted,
  arriving: Arriving<KeptFile>,
): Promise<FileView<any>> {
  const place = pinPlaceOf(context)
  const isOurs = arriving.rootId === place.rootId
  const { size, digests } = arriving.head
  const isLong = size !== undefined && size > wholeFirst && !arriving.isRight && !wanted.digest
  const known = isLong && isOurs ? { size, digests } : await arriving.whole
  if (wanted.digest && !known.digests[wanted.digest]) {
    const { row } = await arriving.kept
    return keptView(context, wanted, { ...row, upstream })
  }
  if (!isOurs) {
    const pin = await pinned(context, wanted, known.digests)
    await demandPinned(context.core, { upstream, place, path: wanted.path }, pin, known.digests)
  }
  const source = { kind: 'arriving', arrival: arriving } as const
  return viewOf(wanted, known.size, known.digests, known.digests.sha256 ?? '', source)
}
