/** Every way in which an upstream fails, with what a caller may be told where nothing is kept. */
import * as faults from './faults.ts'
import type { ConnectionFault, Fault, FaultyUpstream } from './faulty-upstream.ts'

/** `right`: the answer that would be without the fault, whole. */
export type Answer = number | 'right'

export interface FaultCase {
  readonly title: string
  /** What goes wrong: with the answer to what is asked for, or with every connection. */
  readonly fault: Fault | ConnectionFault | 'refused'
  /** Statuses; a file that has begun may be broken off instead, wherever the fault comes behind the answer's head. */
  readonly cold: readonly Answer[]
  /** Whether the upstream says by this that it has no such thing, so that what is kept is not old because of it. */
  readonly isAnswer?: true
}

const of = (
  fault: Fault | ConnectionFault,
  cold: readonly Answer[],
  more: Partial<FaultCase> = {},
): FaultCase => ({
  title: fault.title,
  fault,
  cold,
  ...more,
})

const heads: readonly FaultCase[] = [
  of(faults.status(404), [404], { isAnswer: true }),
  of(faults.status(410), [404], { isAnswer: true }),
  of(faults.status(401), [502]),
  of(faults.status(403), [502]),
  of(faults.status(429), [502, 503]),
  of(faults.status(429, { 'retry-after': '1' }), [502, 503]),
  of(faults.status(429, { 'retry-after': '20' }), [502, 503]),
  of(faults.status(500), [502, 503]),
  of(faults.status(502), [502, 503]),
  of(faults.status(503), [502, 503]),
  of(faults.redirectLoop, [502]),
  of(faults.redirectChain(5), ['right']),
  of(faults.redirectChain(6), [502]),
]

const connections: readonly FaultCase[] = [
  of(faults.reset, [502, 503]),
  of(faults.babble, [502, 503]),
  of(faults.deaf, [502, 503, 504]),
  { title: 'connections are refused', fault: 'refused', cold: [502, 503] },
]

const bodies: readonly FaultCase[] = [
  of(faults.silence, [504]),
  of(faults.stopsInside, [502, 504]),
  of(faults.drips, [502, 504]),
  of(faults.cut, [502, 503]),
  of(faults.cutChunked, [502, 503]),
  of(faults.cutAtStart, [502, 503]),
  of(faults.cutAtEnd, [502, 503]),
  of(faults.tooLittleAnnounced, [502, 503]),
  of(faults.tooMuchAnnounced, [502, 503]),
  of(faults.shortened, [502]),
  of(faults.empty, [502]),
  of(faults.brokenZip, [502]),
  of(faults.shortZip, [502]),
  of(faults.zipBomb, [502]),
  of(faults.zipped, ['right', 502]),
  of(faults.loginPage, [502]),
  of(faults.endless, [502]),
]

/** Of documents, whose words are `wrong` in ways of the format's own. */
export const documentCases = (wrong: readonly Fault[]): readonly FaultCase[] => [
  ...heads,
  ...connections,
  ...bodies,
  of(faults.falselyZipped, [502]),
  ...wrong.map((fault) => of(fault, [502])),
]

/** Of files; `other` are the bytes of another one. */
export const fileCases = (other: Buffer): readonly FaultCase[] => [
  ...heads,
  ...connections,
  ...bodies,
  // Some servers call what is stored compressed encoded so; the digest tells that the bytes are right.
  of(faults.falselyZipped, ['right', 502]),
  ...(['first', 'middle', 'last'] as const).map((where) => of(faults.flipped(where), [502])),
  of(faults.otherBytes(other), [502]),
]

/** Of what says a file's digest; `missing` is what a caller may be told of the file where nothing says one. */
export const digestCases = (wrong: readonly Fault[], missing: readonly Answer[]): readonly FaultCase[] => [
  of(faults.status(404), missing),
  of(faults.status(500), [502, 503]),
  of(faults.status(401), [502]),
  of(faults.silence, [502, 504]),
  of(faults.cut, [502, 503]),
  of(faults.endless, [502]),
  of(faults.loginPage, [502]),
  ...wrong.map((fault) => of(fault, [502])),
]

export interface Switched {
  /** How often it reached a caller. */
  count(): number
  off(): Promise<void>
}

/** Switches a case's fault on, for paths like this. */
export async function switchOn(
  upstream: FaultyUpstream,
  { fault }: FaultCase,
  path: RegExp,
): Promise<Switched> {
  if (fault === 'refused') {
    await upstream.stopListening()
    // Nobody can count what was refused: the system does that, not the upstream.
    return { count: () => 1, off: () => upstream.listenAgain() }
  }
  const active = 'send' in fault ? upstream.fail(path, fault) : upstream.failConnections(fault)
  return { count: () => active.count, off: async () => active.off() }
}
