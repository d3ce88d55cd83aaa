/** Fetches a file from an upstream: streamed to who waits, checked against its digest, kept. */
import type { Digests, Headers, RemoteDigests, UpstreamFile } from '../../formats/format.ts'
import type { Db } from '../../database/database.ts'
import { smallFile } from '../bytes/file-cache.ts'
import { openStored } from '../bytes/open-stored.ts'
import type { Core } from '../core.ts'
import { adoptBlobs } from '../records/blobs.ts'
import { agree } from '../records/digests.ts'
import { findPin, pinAllFirst, type PinPlace } from '../records/pins.ts'
import { putUpstreamFiles, type KeptFile } from '../records/upstream-files.ts'
import type { Upstream } from '../records/upstreams.ts'
import { Arriving, type Kept } from './arriving.ts'
import { addressOf, askUpstream } from './client.ts'
import type { EgressStream } from '../egress/egress.ts'
import { readSource } from './digest-sources.ts'
import { failureOf, failureOfStatus, notUsable, UpstreamFailure } from './failure.ts'
import type { Lease } from './fetches.ts'
import { createHashing, type Hashing } from './hashing.ts'
import { demandPinned, pinnedOtherwise } from './pinned.ts'
import { settled } from './settled.ts'
import { isPacked, unpacked } from './unpacked.ts'

/** What is fetched, and for whom. */
export interface FileErrand {
  readonly upstream: Upstream
  readonly path: string
  readonly file: UpstreamFile
  readonly place: PinPlace
  readonly lease: Lease
}

/**
 * Resolves when the head of the answer is there; what follows goes on by itself, whoever reads. Undefined: the upstream
 * has no such file. The lease is ended in any case.
 * @throws Problem 502 to 504 where the upstream gives no usable answer.
 */
export async function fetchFile(core: Core, errand: FileErrand): Promise<Arriving<KeptFile> | undefined> {
  const { upstream, file, lease } = errand
  const { fetches } = core.upstreams
  const remembered = core.upstreams.said.get(upstream.id, file.name, errand.path)
  const isAskedBeside = !remembered && (file.early || core.upstreams.besides.has(upstream.id))
  const beside = isAskedBeside ? sourceBeside(core, errand) : undefined
  const said = once(() => saidBy(core, errand, beside))
  try {
    const found = await open(core, errand, said)
    noteHead(core, errand, found?.stream)
    if (!found) return void (await fetches.giveUp(lease))
    const { stream } = found
    const known = digestsInHead(errand, stream) ?? remembered
    const expected = known ? Promise.resolve({ digests: known }) : said()
    const head = { size: sizeOf(stream), digests: known ?? {} }
    const arriving = new Arriving<KeptFile>(head, errand.place.rootId)
    core.upstreams.keeping(receive(core, errand, { ...found, arriving, expected }))
    return arriving
  } catch (error) {
    await fetches.giveUp(lease)
    throw failureOf(upstream.name, error)
  }
}

type Said = Promise<RemoteDigests | undefined>

/** Asked at most once; who never waits for it is not troubled by its failing. */
function once(ask: () => Said): () => Said {
  let asked: Said | undefined
  return () => {
    asked ??= ask()
    asked.catch(() => {})
    return asked
  }
}

/** The file at its own place or, where it is not there, where the document about it says. */
async function open(core: Core, errand: FileErrand, said: () => Said) {
  const { upstream, file } = errand
  const url = addressOf(upstream, file.path)
  const stream = await get(core, errand, url)
  if (stream) return { stream, url }
  const from = file.early ? (await said())?.from : undefined
  if (from === undefined || from === url) return undefined
  const there = await get(core, errand, from)
  return there && { stream: there, url: from }
}

/** Undefined: there is nothing. */
async function get(core: Core, errand: FileErrand, url: string): Promise<EgressStream | undefined> {
  const { upstream, file } = errand
  const maxBytes = largest(core, errand)
  const stream = await askUpstream(core, upstream, { url, accept: file.accept }, { maxBytes })
  if (stream.status === 200) return stream
  stream.body.destroy()
  if (stream.status === 404 || stream.status === 410) return undefined
  throw failureOfStatus(upstream.name, stream.status, stream.headers)
}

/** In bytes: no file may be larger, wherever it is from. */
function largest(core: Core, { upstream }: FileErrand): number {
  const format = core.formats.get(upstream.format)!
  const limit = core.config.packages.maxFileSize[format.id] ?? format.maxFileSize
  return limit === 0 ? Number.MAX_SAFE_INTEGER : limit
}

/** What the upstream says about the digests of the file, where it says anything. */
async function saidBy(core: Core, { upstream, file }: FileErrand, beside: Said | undefined): Said {
  for (const [at, source] of file.digests.entries()) {
    const said = await (at === 0 && beside ? beside : readSource(core, upstream, source))
    if (said) return said
  }
  return undefined
}

/** The first source, asked while the file is: whether it is waited for is found when the head of the answer is there. */
function sourceBeside(core: Core, { upstream, file }: FileErrand): Said | undefined {
  const [first] = file.digests
  const beside = first && readSource(core, upstream, first)
  beside?.catch(() => {})
  return beside
}

const digestsInHead = ({ file }: FileErrand, { headers }: EgressStream) =>
  file.digestsOf?.(headers as Headers)

/** An upstream whose last file came without digests in its head is asked for the next one's beside it. */
function noteHead(core: Core, errand: FileErrand, stream: EgressStream | undefined): void {
  const { besides } = core.upstreams
  if (stream && !digestsInHead(errand, stream)) besides.add(errand.upstream.id)
  else besides.delete(errand.upstream.id)
}

/** What is packed for the way has another size in the end. */
function sizeOf({ headers }: EgressStream): number | undefined {
  const length = headers['content-length']
  return length !== undefined && headers['content-encoding'] === undefined ? Number(length) : undefined
}

interface Receiving {
  readonly stream: EgressStream
  readonly url: string
  readonly arriving: Arriving<KeptFile>
  readonly expected: Said
}

async function receive(core: Core, errand: FileErrand, receiving: Receiving): Promise<void> {
  const { upstream, lease } = errand
  const { arriving } = receiving
  try {
    arriving.keep(await storeSomehow(core, errand, receiving))
  } catch (error) {
    await core.upstreams.fetches.giveUp(lease)
    arriving.fail(failureOf(upstream.name, error))
  }
}

/**
 * Some servers pack a file for the way, others only say so of one that is packed itself: the bytes as they come are tried
 * first, and where these are not right, the unpacked ones.
 */
async function storeSomehow(core: Core, errand: FileErrand, receiving: Receiving): Promise<Kept<KeptFile>> {
  const { stream, url, arriving } = receiving
  try {
    return await store(core, errand, receiving, stream.body as AsyncIterable<Buffer>)
  } catch (error) {
    stream.body.destroy()
    if (!isPacked(stream) || !(error instanceof UpstreamFailure)) throw error
    const again = await get(core, errand, url)
    if (!again || !isPacked(again)) throw error
    arriving.startAnew()
    return store(core, errand, { ...receiving, stream: again }, unpacked(again, largest(core, errand)))
  }
}

async function store(
  core: Core,
  errand: FileErrand,
  receiving: Receiving,
  body: AsyncIterable<Buffer>,
): Promise<Kept<KeptFile>> {
  const { digests: all = [], upstream } = core.formats.get(errand.upstream.format)!
  const said = receiving.expected.then((expected) => expected?.digests ?? {})
  const hashing = createHashing({ usual: upstream?.digests ?? all, all, said })
  let digests: Digests = {}
  const checked = async () => {
    digests = await hashing.digests()
    await verify(core, errand, receiving, digests)
    receiving.arriving.verified(digests)
  }
  const bytes = received(core, errand, receiving.arriving, body, hashing, checked)
  const { key, size } = await written(core, errand, receiving.arriving, bytes)
  const brought: Received = { core, errand, key, size, digests }
  const row = await settled(core, key, () => core.upstreams.fetches.end(errand.lease, keepFiles, brought))
  const { storage_key: storageKey, sha256 } = row.blob
  const inMemory = receiving.arriving.copied(smallFile)
  if (inMemory) core.files.put(storageKey, inMemory)
  return { row, open: (range) => openStored(core, { storageKey, size, sha256 }, range) }
}

/**
 * Stores the bytes. Where the disk has no room any more or storage fails, those who wait get them all the same, from
 * memory; nothing is kept, and others may ask for themselves. Throws then, when all came.
 */
async function written(
  core: Core,
  { upstream, path, lease }: FileErrand,
  arriving: Arriving<KeptFile>,
  bytes: AsyncGenerator<Buffer>,
): Promise<{ readonly key: string; readonly size: number }> {
  const { fetches } = core.upstreams
  const borrowed = lent(bytes)
  let hasRoom = false
  try {
    const room = await core.rooms.open([], arriving.head.size ?? 1)
    room.end()
    hasRoom = true
    return await core.blobs.write(borrowed, { gatherMs: fetches.gatherMs })
  } catch (error) {
    if (borrowed.failed) throw error
    const words = 'a file from upstream is passed on without being kept'
    core.log[hasRoom ? 'error' : 'warn']({ err: error, upstream: upstream.id, path }, words)
    arriving.unkept(failureOf(upstream.name, error))
    await fetches.giveUp(lease)
    for await (const _ of bytes);
    throw error
  }
}

/** The same, which whoever reads it cannot end: the rest can be read by somebody else. */
function lent(bytes: AsyncGenerator<Buffer>) {
  const borrowed = {
    /** Whether bringing them failed, not what became of them. */
    failed: false,
    [Symbol.asyncIterator]: (): AsyncIterator<Buffer> => ({
      async next() {
        try {
          return await bytes.next()
        } catch (error) {
          borrowed.failed = true
          throw error
        }
      },
      return: async () => ({ done: true, value: undefined }),
    }),
  }
  return borrowed
}

/** The bytes on their way into storage, and to those who read along. The last piece goes when all is right. */
async function* received(
  core: Core,
  { lease }: FileErrand,
  arriving: Arriving<KeptFile>,
  body: AsyncIterable<Buffer>,
  hashing: Hashing,
  checked: () => Promise<void>,
): AsyncGenerator<Buffer> {
  for await (const chunk of body) {
    core.upstreams.fetches.progress(lease)
    hashing.update(chunk)
    await arriving.push(chunk)
    yield chunk
  }
  await checked()
}

async function verify(
  core: Core,
  { upstream, path, file, place }: FileErrand,
  { stream, expected }: Receiving,
  digests: Digests,
): Promise<void> {
  const said = (await expected)?.digests ?? {}
  if (!agree(said, digests))
    throw notUsable(upstream.name, `sent bytes of ${path} that are not those it announces`)
  const isSaid = Object.keys(said).some((name) => name in digests)
  if (!isSaid && file.needsDigest) throw notUsable(upstream.name, `does not say what ${path} must be`)
  if (!isSaid && !isWhole(stream))
    throw notUsable(upstream.name, `does not say whether what it sent of ${path} is all`)
  const pin = await findPin(core.database.read, place, path)
  if (pin) await demandPinned(core, { upstream, place, path }, pin, digests)
}

/** Whether the end of a body tells that it is its end. */
const isWhole = ({ headers }: EgressStream) =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined

interface Received {
  readonly core: Core
  readonly errand: FileErrand
  readonly key: string
  readonly size: number
  readonly digests: Digests
}

/** Of many files at once. Throws where one is not what was first seen. */
async function keepFiles(db: Db, files: readonly Received[]): Promise<KeptFile[]> {
  const { clock } = files[0]!.core
  const now = clock()
  const blobs = await adoptBlobs(
    db,
    files.map(({ key, size, digests }) => ({ key, size, sha256: digests.sha256!, digests })),
    now,
  )
  const pins = await pinAllFirst(
    db,
    files.map(({ errand: { place, path, file }, digests }) => {
      const { name, version = null } = file
      return { ...place, path, name, version, digests }
    }),
    now,
  )
  files.forEach(({ errand: { upstream, path }, digests }, at) => {
    if (!agree(pins[at]!.digests, digests)) throw pinnedOtherwise(upstream, path)
  })
  const blobOf = ({ digests }: Received) => blobs.get(digests.sha256!)!
  const rows = await putUpstreamFiles(
    db,
    files.map((one) => {
      const { upstream, path, file } = one.errand
      const { name, version = null } = file
      return { upstreamId: upstream.id, path, name, version, blobId: blobOf(one).id }
    }),
    now,
  )
  return files.map((one, at) => ({ ...rows[at]!, blob: blobOf(one), pin: pins[at]! }))
}
