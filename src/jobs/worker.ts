import type { Core } from '../core/core.ts'
import {
  acceptRequests,
  besideJobs,
  enqueueMissing,
  isJobRequested,
  scheduleRecurring,
  type Recurring,
} from '../core/records/job-requests.ts'
import { claim, isJobDue } from '../core/records/jobs.ts'
import type { JobRow } from '../database/schema.ts'
import type { JobKind } from './job.ts'
import { work } from './work.ts'

export interface Worker {
  /** Runs jobs as they fall due. */
  start(): Promise<void>
  /** Runs everything that is due now and resolves when nothing is left. */
  drain(): Promise<void>
  /** Takes no more jobs, and hands back the one under way, if it does not end first, to whichever node is there. */
  stop(): Promise<void>
}

const pollMs = 1_000

/** A worker in this process, one job at a time; there may be more of them on other nodes. */
export function createWorker(core: Core, kinds: readonly JobKind[]): Worker {
  const byKind = new Map(kinds.map((kind) => [kind.kind, kind]))
  const stopping = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  let turn: Promise<unknown> = Promise.resolve()

  /** After whoever else drains, so that nothing is under way either when it resolves. */
  function drain(): Promise<void> {
    const mine = turn.then(workOff)
    turn = mine.catch(() => {})
    return mine
  }
  async function workOff(): Promise<void> {
    while (!stopping.signal.aborted) {
      const job = await takeJob(core, kinds)
      if (!job) return
      await work(core, byKind.get(job.kind)!, job, stopping.signal)
    }
  }
  async function poll(): Promise<void> {
    try {
      await drain()
    } catch (error) {
      core.log.error({ err: error }, 'the job worker failed; it goes on')
    }
    if (!stopping.signal.aborted) timer = setTimeout(pollAgain, pollMs).unref()
  }
  function pollAgain(): void {
    running = poll()
  }
  return {
    drain,
    async start() {
      const recurring = kinds.filter((kind): kind is JobKind & Recurring => kind.every !== undefined)
      await core.database.write((db) => scheduleRecurring(db, recurring, core.clock()), besideJobs)
      pollAgain()
    },
    async stop() {
      stopping.abort()
      clearTimeout(timer)
      await running
    },
  }
}

async function takeJob(core: Core, kinds: readonly JobKind[]): Promise<JobRow | undefined> {
  for (const { kind, wanted } of kinds) {
    if (wanted) await enqueueMissing(core.database, kind, await wanted(core), core.clock())
  }
  const { read } = core.database
  const known = kinds.map((kind) => kind.kind)
  const isRequested = await isJobRequested(read, known)
  if (!isRequested && !(await isJobDue(read, known, core.clock()))) return undefined
  return core.database.write(async (db) => {
    if (isRequested) await acceptRequests(db, known, core.clock())
    return claim(db, known, core.clock())
  }, besideJobs)
}

/** Several workers as one: a job that takes its time holds up only what its own worker does. */
export function joinWorkers(workers: readonly Worker[]): Worker {
  const all = async (act: (worker: Worker) => Promise<void>) => void (await Promise.all(workers.map(act)))
  return {
    start: () => all((worker) => worker.start()),
    drain: () => all((worker) => worker.drain()),
    stop: () => all((worker) => worker.stop()),
  }
}
