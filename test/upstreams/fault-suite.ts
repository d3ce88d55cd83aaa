/** Lets every fault happen to registries that have nothing yet, and to such that keep something: the same for every format. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createTestApp, type TestApp } from '../app.ts'
import { readExactly, type Arrived } from './exact-reader.ts'
import { switchOn, type Answer, type FaultCase, type Switched } from './fault-cases.ts'
import { startFaultyUpstream, type FaultyUpstream } from './faulty-upstream.ts'
import { filledGroup, later, onlyLoopback, until } from './filled-registry.ts'

/** What one upstream has, and what is asked of us. */
export interface Sample {
  /** Relative to the registry, with a slash in front. */
  readonly document: string
  readonly headers?: Readonly<Record<string, string>>
  readonly file: string
  readonly bytes: Buffer
  /** A file of less than is ever held back. */
  readonly small: string
  readonly smallBytes: Buffer
  /** What the upstream is asked for. */
  readonly asked: Readonly<Record<Target, RegExp>>
  /** Throws if a whole document is not what it must be; `versions`: those that it must tell of. */
  check(document: Buffer, versions: readonly string[]): void
  /** Lets the upstream have another version. */
  renew(): void
}
export const firstVersions = ['1.0.0', '1.0.1']
export const renewedVersions = [...firstVersions, '1.1.0']

export type Target = 'document' | 'file' | 'small' | 'digest'

export interface FaultSubject {
  readonly format: string
  make(upstream: FaultyUpstream): Sample
  readonly cold: Readonly<Record<Target, readonly FaultCase[]>>
  /** Of documents that are kept. */
  readonly warm: readonly FaultCase[]
}

interface Scene {
  readonly subject: FaultCase
  readonly target: Target
  readonly upstream: FaultyUpstream
  readonly sample: Sample
  readonly registry: string
  readonly token: string
  readonly problems: string[]
  /** The fault, where it is on for longer than one question. */
  active?: Switched
}

const ttl = 60
/** Longer than what upstreams do not have is remembered, and than documents are fresh. */
const past = (ttl + 1) * 1000
const day = 86_400_000

/** Runs all cases of a format at once, in phases between which the clock is put forward. */
export function faultSuite(subject: FaultSubject): void {
  let app: TestApp
  const cold = cases(subject.cold)
  const warm = subject.warm.map((one) => ({ target: 'document' as const, one }))
  const scenes = new Map<FaultCase, Scene>()
  before(async () => {
    const limit = { [`ENTREPOT_PACKAGES__${subject.format.toUpperCase()}__MAX_FILE_SIZE`]: '20MB' }
    app = await createTestApp({ env: { ...onlyLoopback, ...limit } })
    for (const [at, { target, one }] of [...cold, ...warm].entries()) {
      scenes.set(one, await prepare(app, subject, { target, one, path: `case-${at}` }))
    }
    const all = (of: readonly { one: FaultCase }[]) => of.map(({ one }) => scenes.get(one)!)
    await runSteps(app, all(cold), all(warm))
  })
  after(async () => {
    for (const { upstream } of scenes.values()) await upstream.close()
    await app?.close()
  })
  for (const target of ['document', 'file', 'small', 'digest'] as const) {
    describe(`${subject.format}: nothing is kept, and the ${target} fails`, () => {
      for (const { one } of cold.filter((each) => each.target === target)) checkCase(one)
    })
  }
  describe(`${subject.format}: something is kept, and the upstream fails`, () => {
    for (const { one } of warm) checkCase(one)
  })
  function checkCase(one: FaultCase): void {
    it(one.title, () => assert.deepEqual(scenes.get(one)!.problems, []))
  }
}

/** Each case as an object of its own, whatever list it came from. */
function cases(of: FaultSubject['cold']) {
  return (Object.keys(of) as Target[]).flatMap((target) =>
    of[target].map((one) => ({ target, one: { ...one } })),
  )
}

async function prepare(
  app: TestApp,
  subject: FaultSubject,
  { target, one, path }: { target: Target; one: FaultCase; path: string },
): Promise<Scene> {
  const upstream = await startFaultyUpstream()
  const sample = subject.make(upstream)
  const { registry } = await filledGroup(app, path, { format: subject.format, url: upstream.url, ttl })
  return { subject: one, target, upstream, sample, registry, token: app.root.token, problems: [] }
}

interface Step {
  readonly cold?: (scene: Scene) => Promise<unknown>
  readonly warm: (scene: Scene) => Promise<unknown>
  /** By how much the clock is put forward then. */
  readonly later: number
}

/** Both kinds of scenes go on together: most of the time is waiting for faults. */
async function runSteps(app: TestApp, cold: readonly Scene[], warm: readonly Scene[]): Promise<void> {
  const steps: readonly Step[] = [
    { cold: failsCold, warm: fills, later: past },
    { cold: recovers, warm: failsAfterItsTime, later: day + past },
    { warm: failsDaysLater, later: past },
    { warm: isRenewed, later: 0 },
  ]
  for (const step of steps) {
    await Promise.all([inAll(cold, step.cold ?? (async () => {})), inAll(warm, step.warm)])
    await later(app, step.later)
  }
}

async function failsCold(scene: Scene): Promise<void> {
  const { subject, target, sample, upstream } = scene
  const active = await switchOn(upstream, subject, sample.asked[target])
  checkCold(scene, await ask(scene))
  if (active.count() === 0) throw new Error('the fault reached nobody')
  await active.off()
}

function checkCold({ subject, target, sample }: Scene, arrived: Arrived): void {
  const seen = whatCame(target, sample, arrived)
  // Of a small file nothing goes before all of it was right, of a large one all but the end.
  const mayBreak = target === 'file' || target === 'digest' || (target === 'small' && arrived.body.length > 0)
  if (seen === 'broken' && mayBreak && arrived.status === 200) return
  if (!subject.cold.includes(seen as Answer)) {
    throw new Error(`${seen} came where ${subject.cold.join(' or ')} was to come: ${beginning(arrived)}`)
  }
}

/** `right` for the whole right answer, the status of a whole other one, else how it ended. */
function whatCame(target: Target, sample: Sample, arrived: Arrived): Answer | 'broken' | 'late' | 'wrong' {
  if (arrived.end !== 'complete') return arrived.end
  if (arrived.status !== 200) return arrived.status
  return isRight(target, sample, arrived) ? 'right' : 'wrong'
}

function isRight(target: Target, sample: Sample, { body }: Arrived): boolean {
  if (target === 'small') return body.equals(sample.smallBytes)
  if (target !== 'document') return body.equals(sample.bytes)
  try {
    sample.check(body, firstVersions)
    return true
  } catch {
    return false
  }
}

/** Without a restart; the upstream may be left alone for half a minute by then. */
async function recovers(scene: Scene): Promise<void> {
  let last: Arrived | undefined
  const look = async () => {
    last = await ask(scene)
    const seen = whatCame(scene.target, scene.sample, last)
    if (seen === 'wrong' || seen === 'late') throw new Error(`afterwards ${seen}: ${beginning(last)}`)
    return seen === 'right' ? seen : undefined
  }
  await until(look, 'recovery', 60_000).catch((error: Error) => {
    throw new Error(`${error.message}: ${last && beginning(last)}`)
  })
}

async function fills(scene: Scene): Promise<void> {
  await expectKept(scene, 'at first')
  await expectFile(scene, 'at first')
}

async function failsAfterItsTime(scene: Scene): Promise<void> {
  scene.active = await switchOn(scene.upstream, scene.subject, /./)
  await expectKept(scene, 'after its time')
  await expectFile(scene, 'after its time')
  await until(() => scene.active!.count() > 0 || undefined, 'the fault reaching us')
}

async function failsDaysLater(scene: Scene): Promise<void> {
  const { headers } = await expectKept(scene, 'two days later')
  await expectFile(scene, 'two days later')
  const { cold, isAnswer } = scene.subject
  const fails = isAnswer !== true && !cold.includes('right')
  if (fails && !(Number(headers['age']) >= day / 1000)) {
    throw new Error(`what is served two days later says an age of ${headers['age']} seconds`)
  }
  await scene.active!.off()
  scene.sample.renew()
}

/** The upstream is well again and has something new. */
async function isRenewed(scene: Scene): Promise<void> {
  const look = async () => {
    const { body, status } = await ask(scene)
    if (status !== 200) throw new Error(`${status} came while the upstream was well again`)
    try {
      scene.sample.check(body, renewedVersions)
      return true
    } catch {
      return undefined
    }
  }
  await until(look, 'what is new upstream', 60_000)
}

async function expectKept(scene: Scene, when: string): Promise<Arrived> {
  const arrived = await ask(scene)
  const seen = whatCame('document', scene.sample, arrived)
  if (seen !== 'right') throw new Error(`${when} the document is ${seen}: ${beginning(arrived)}`)
  return arrived
}

async function expectFile(scene: Scene, when: string): Promise<void> {
  const arrived = await ask({ ...scene, target: 'file' })
  const seen = whatCame('file', scene.sample, arrived)
  if (seen !== 'right') throw new Error(`${when} the file is ${seen}: ${beginning(arrived)}`)
}

function ask({ target, sample, registry, token }: Scene): Promise<Arrived> {
  const path = target === 'digest' ? sample.file : sample[target]
  return readExactly(registry + path, { headers: { 'private-token': token, ...sample.headers } })
}

const beginning = ({ status, end, body, took }: Arrived) =>
  `${status} ${end} in ${Math.round(took)} ms, ${body.length} bytes: ${body.toString('latin1', 0, 200)}`

/** A scene in which something went wrong takes no further part. */
async function inAll(scenes: readonly Scene[], act: (scene: Scene) => Promise<unknown>): Promise<void> {
  await Promise.all(
    scenes
      .filter(({ problems }) => problems.length === 0)
      .map((scene) => act(scene).catch((error: Error) => void scene.problems.push(error.message))),
  )
}
