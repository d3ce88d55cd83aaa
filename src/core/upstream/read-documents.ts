/** From an upstream's bytes to our own: decoding and encoding, on whichever thread. */
import { gunzipSync } from 'node:zlib'
import type { Digests, Format, NameDocument, NameView, PackageView } from '../../formats/format.ts'
import { renderParts, type RenderedDocument } from '../documents/rendered.ts'
import { agree } from '../records/digests.ts'
import { createLinks } from '../registry/links.ts'
import { keyOf } from './request-key.ts'
import { remoteView, type RemoteAnswer } from './remote-name.ts'

/** An upstream's answer as it came. */
export interface RawAnswer {
  readonly bytes: Uint8Array
  readonly encoding: 'identity' | 'gzip'
  /** Milliseconds since 1970. */
  readonly changedAt: number
  readonly upstreamId: number
  readonly revision: string
}

/** What is to be made of answers about one name. Can be handed to a thread. */
export interface Reading {
  readonly format: string
  readonly rule: string
  readonly name: string
  /** The part that the answers are about. */
  readonly part: string
  readonly answers: readonly RawAnswer[]
  /** Of files that were seen before: by path. */
  readonly pins: readonly (readonly [path: string, digests: Digests])[]
  /** Where links lead: the public URL and the registry's prefix. */
  readonly publicUrl: string
  readonly prefix: string
}

/** The largest document that is read, in bytes when it is not compressed. */
export const longestDocument = 128 * 1024 * 1024

/** Files by path. */
export type FileDigests = readonly (readonly [path: string, digests: Digests])[]

export interface Rendering {
  readonly document: RenderedDocument
  /** Those of which the upstream says other digests than they had first. */
  readonly refused: FileDigests
  /** What the answers say of files, where these are not very many: who asks for the name asks for one of them next. */
  readonly files: FileDigests
}

/** More files than this are not remembered. */
const mostRemembered = 1_000

/** The name that the answers are about. Throws whatever the format's decoder throws. */
export async function readName(format: Format<any>, reading: Reading): Promise<NameView<any>> {
  return remoteView(format, decoded(format, reading), new Map(reading.pins))
}

/** One version of it, by its number or a tag. */
export async function readPackage(
  format: Format<any>,
  reading: Reading,
  versionOrTag: string,
): Promise<PackageView<any> | undefined> {
  const name = await readName(format, reading)
  const version = Object.hasOwn(name.tags, versionOrTag) ? name.tags[versionOrTag] : versionOrTag
  return name.packages.find((pkg) => pkg.version === version)
}

/** The parts of the document that can be made of these answers. */
export async function renderRemote(format: Format<any>, reading: Reading, stamp: string): Promise<Rendering> {
  const answers = decoded(format, reading)
  const pins = new Map(reading.pins)
  const name = await remoteView(format, answers, pins)
  const links = createLinks(reading.publicUrl, reading.prefix)
  const parts = (await documentOf(format, reading).encode(name, { links, changedAt: name.changedAt })) ?? []
  const asked = requestKey(format, reading, reading.part)
  const fitting = parts.filter((part) => requestKey(format, reading, part.path) === asked)
  const files = answers.length > 1 ? [] : filesIn(answers)
  return {
    document: await renderParts(stamp, fitting),
    refused: refusedIn(answers, pins),
    files: files.length > mostRemembered ? [] : files,
  }
}

function filesIn(answers: readonly RemoteAnswer[]): FileDigests {
  const files = answers.flatMap(({ remote }) => remote.packages.flatMap((pkg) => pkg.files))
  return files.map(({ path, digests }) => [path, digests])
}

function decoded(format: Format<any>, reading: Reading): [RemoteAnswer, ...RemoteAnswer[]] {
  const decode = documentOf(format, reading).decode
  if (!decode) throw new Error(`${format.id} reads no ${reading.rule} of upstreams`)
  return reading.answers.map(({ bytes, encoding, changedAt, revision }) => {
    const remote = decode(plain(bytes, encoding), reading.name, reading.part)
    return { remote, changedAt, revision }
  }) as [RemoteAnswer, ...RemoteAnswer[]]
}

/** What is read on the event loop is bounded by this, in bytes: such documents are short. */
export const readAtOnce = 16 * 1024 * 1024

/** Undoes the compression an answer came with. Throws for more than `most` bytes. */
export function plain(
  bytes: Uint8Array,
  encoding: RawAnswer['encoding'],
  most = longestDocument,
): Uint8Array {
  const whole = encoding === 'gzip' ? gunzipSync(bytes, { maxOutputLength: most }) : bytes
  if (whole.length > most) throw new RangeError(`the document is longer than ${most} bytes`)
  return whole
}

function documentOf(format: Format<any>, { rule }: Reading): NameDocument<any> {
  const document = format.documents?.[rule]
  if (document?.of !== 'name') throw new Error(`${format.id} has no document ${rule} about names`)
  return document
}

function requestKey({ upstream }: Format<any>, { rule, name }: Reading, part: string): string | undefined {
  const request = upstream?.document(rule, name, part)
  return request && keyOf({ rule, ...request })
}

function refusedIn(answers: readonly RemoteAnswer[], pins: ReadonlyMap<string, Digests>): FileDigests {
  if (pins.size === 0) return []
  return filesIn(answers).filter(([path, digests]) => {
    const pin = pins.get(path)
    return pin !== undefined && !agree(pin, digests)
  })
}
