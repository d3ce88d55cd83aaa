/** Documents made of what upstreams have, as fresh as they are kept. */
import type { Digests, NameView, PackageView } from '../../formats/format.ts'
import { brand } from '../bytes/stored-blob.ts'
import type { RenderedDocument } from '../documents/rendered.ts'
import { pinsOfName, refusedStamp, refusesAny } from '../records/pins.ts'
import type { Upstream } from '../records/upstreams.ts'
import type { RegistryContext } from '../registry/context.ts'
import { failureOf } from './failure.ts'
import { hidingRule } from './hidden.ts'
import { raiseAlarm } from './pinned.ts'
import type { FileDigests, RawAnswer, Reading } from './read-documents.ts'
import { keyOf, type Question } from './request-key.ts'
import { isAskedFor, pinPlaceOf, upstreamName, upstreamsFor } from './scope.ts'
import { rawAnswer } from './stored-answer.ts'
import { ageOf, answering, type Answering } from './walk.ts'
import { Problem } from '../../lib/problem.ts'

/** A document that came from upstream. */
export interface FromUpstream {
  readonly rendered: RenderedDocument
  /** Seconds since an upstream last confirmed it, where that is longer ago than it holds. */
  readonly age?: number
}

/** A name that may come from upstream, and who is asked about it. */
export interface RemoteSubject {
  readonly name: string
  readonly upstreams: readonly Upstream[]
}

/** Undefined: nobody is asked about this name here, whether it exists elsewhere or not. */
export async function subjectOf(
  context: RegistryContext,
  wanted: string,
): Promise<RemoteSubject | undefined> {
  const name = upstreamName(context, wanted)
  if (name === undefined) return undefined
  const all = await upstreamsFor(context)
  const upstreams = all.filter((upstream) => isAskedFor(upstream, name))
  if (upstreams.length === 0 || (await hidingRule(context, name))) return undefined
  return { name, upstreams }
}

/** Whether a name comes from upstream, if from anywhere: nobody below the top-level group ever published it. */
export async function isForeign(context: RegistryContext, wanted: string): Promise<boolean> {
  return (await subjectOf(context, wanted)) !== undefined
}

/** A part of a document about a name that nobody here owns. Throws 502 to 504 where an upstream fails and nothing is kept. */
export async function nameFromUpstream(
  context: RegistryContext,
  rule: string,
  wanted: string,
  part: string,
): Promise<FromUpstream | undefined> {
  const found = await answersAbout(context, rule, wanted, part)
  if (!found) return undefined
  const { answers } = found
  return orNothing(answers, async () => ({ rendered: await found.render(answers), ...ageOf(answers) }))
}

/** Everything that upstreams have of a name, as the document `rule` tells it. */
export async function viewFromUpstream(
  context: RegistryContext,
  rule: string,
  wanted: string,
): Promise<NameView<any> | undefined> {
  const found = await answersAbout(context, rule, wanted, '')
  if (!found) return undefined
  const { threads } = context.core.upstreams
  return orNothing(found.answers, async () => {
    const name = await threads.name(await found.reading(found.answers))
    return { ...name, packages: name.packages.map(rebranded) }
  })
}

/** One version of it, by its number or a tag. */
export async function packageFromUpstream(
  context: RegistryContext,
  rule: string,
  wanted: string,
  versionOrTag: string,
): Promise<PackageView<any> | undefined> {
  const found = await answersAbout(context, rule, wanted, '')
  if (!found) return undefined
  const { threads } = context.core.upstreams
  const pkg = await orNothing(found.answers, async () =>
    threads.package(await found.reading(found.answers), versionOrTag),
  )
  return pkg && rebranded(pkg)
}

/** The upstream that has a name, by the document that tells so, and those that mix in. */
export async function upstreamWithName(
  context: RegistryContext,
  name: string,
  { rule, part }: { readonly rule: string; readonly part: string },
): Promise<readonly Upstream[]> {
  const found = await answersAbout(context, rule, name, part)
  return found?.answers.map(({ upstream }) => upstream) ?? []
}

interface AnswersAbout {
  readonly answers: readonly Answering[]
  reading(answers: readonly Answering[]): Promise<Reading>
  render(answers: readonly Answering[]): Promise<RenderedDocument>
}

async function answersAbout(
  context: RegistryContext,
  rule: string,
  wanted: string,
  part: string,
): Promise<AnswersAbout | undefined> {
  const subject = await subjectOf(context, wanted)
  const asked = subject && context.format.upstream?.document(rule, subject.name, part)
  if (!subject || !asked) return undefined
  const request: Question = { rule, ...asked }
  const { name, upstreams } = subject
  const about: About = { context, rule, name, part, request }
  const answers = await answering(context, {
    request,
    upstreams,
    check: (upstream, answer) => renderAnswers(about, [answer]),
  })
  if (answers.length === 0) return undefined
  return {
    answers,
    reading: async (some) => readingOf(about, await rawOf(context, some)),
    render: async (some) => renderAnswers(about, some),
  }
}

interface About {
  readonly context: RegistryContext
  readonly rule: string
  readonly name: string
  readonly part: string
  readonly request: Question
}

const isRaw = (one: Answering | RawAnswer): one is RawAnswer => 'bytes' in one
const revisionOf = (one: Answering | RawAnswer) =>
  isRaw(one) ? one.revision : `${one.upstream.id}.${one.state.revision}`

const upstreamOf = (one: Answering | RawAnswer) => (isRaw(one) ? one.upstreamId : one.upstream.id)

/** Renders them once for all who ask for the same. */
async function renderAnswers(
  about: About,
  answers: readonly (Answering | RawAnswer)[],
): Promise<RenderedDocument> {
  const { context, name, request } = about
  const { core, format, source } = context
  const refused = await refusedOf(context, name)
  const stamp = `${answers.map(revisionOf).join('+')}/${refused}`
  const key = `${format.id}/${source.key}/upstream/${keyOf(request)}`
  return core.documents.get(key, stamp, async () => {
    const raw = await rawOf(context, answers)
    const rendering = await core.upstreams.threads.render(await readingOf(about, raw), stamp)
    const first = upstreamOf(answers[0]!)
    await alarm(about, first, rendering.refused)
    core.upstreams.said.add(first, name, rendering.files)
    return rendering.document
  })
}

/** Most places never refuse anything: that is one question for all names. */
async function refusedOf(context: RegistryContext, name: string): Promise<string> {
  const { core, generation } = context
  const place = pinPlaceOf(context)
  const { read } = core.database
  const key = `refused/${place.rootId}/${place.format}`
  if (!(await core.kept.get(key, generation(), () => refusesAny(read, place)))) return ''
  return core.kept.get(`${key}/${name}`, generation(), () => refusedStamp(read, place, name))
}

function rawOf({ core }: RegistryContext, answers: readonly (Answering | RawAnswer)[]): Promise<RawAnswer[]> {
  return Promise.all(answers.map((one) => (isRaw(one) ? one : rawAnswer(core, one))))
}

async function readingOf(
  { context, rule, name, part }: About,
  answers: readonly RawAnswer[],
): Promise<Reading> {
  const { core, format, source } = context
  const pins = await pinsOfName(core.database.read, pinPlaceOf(context), name)
  return {
    format: format.id,
    rule,
    name,
    part,
    answers,
    pins: pins.map(({ path, digests }): [string, Digests] => [path, digests]),
    publicUrl: core.config.publicUrl,
    prefix: source.prefix,
  }
}

/** The documents go on saying what was first seen; an owner decides. */
async function alarm({ context, name }: About, upstreamId: number, refused: FileDigests): Promise<void> {
  if (refused.length === 0) return
  const place = pinPlaceOf(context)
  const pins = new Map(
    (await pinsOfName(context.core.database.read, place, name)).map((pin) => [pin.path, pin]),
  )
  const upstream = (await upstreamsFor(context)).find(({ id }) => id === upstreamId)
  for (const [path, digests] of refused.slice(0, 100)) {
    const pin = pins.get(path)
    if (pin && upstream) await raiseAlarm(context.core, { upstream, place, path }, pin, digests)
  }
}

/**
 * What an upstream has may turn out to be something else than was asked for: that is not there. Throws 502 for what
 * cannot be read.
 */
export async function orNothing<T>(
  answers: readonly Answering[],
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    if (error.status === 404) return undefined
    throw failureOf(answers[0]!.upstream.name, error)
  }
}

/** Views that come from a thread have lost what only the core gives. */
function rebranded(pkg: PackageView<any>): PackageView<any> {
  return { ...pkg, files: pkg.files.map((file) => ({ ...file, blob: remoteBlob(file) })) }
}

function remoteBlob({ path, size, digests }: PackageView<any>['files'][number]) {
  return brand({ size, sha256: digests.sha256 ?? '', digests }, { kind: 'remote', path })
}
