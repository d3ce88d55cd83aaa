import type { Core } from '../core/core.ts'
import type { JobRow } from '../database/schema.ts'
import type { JobKind } from './job.ts'
import { claim, enqueueMissing, extend, fail, finish, isJobDue, leaseMs } from '../core/records/jobs.ts'

export interface Worker {
  /** Runs jobs as they fall due. */
  start(): Promise<void>
  /** Runs everything that is due now and resolves when nothing is left. */
  drain(): Promise<void>
  /** Takes no more jobs and waits for the one under way. */
  stop(): Promise<void>
}

const pollMs = 1_000

/** A worker in this process, one job at a time. */
export function createWorker(core: Core, kinds: readonly JobKind[]): Worker {
  const byKind = new Map(kinds.map((kind) => [kind.kind, kind]))
  const known = kinds.map((kind) => kind.kind)
  const stopping = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()

  async function drain(): Promise<void> {
    while (!stopping.signal.aborted) {
      await enqueueWanted(core, kinds)
      if (!(await isJobDue(core.database.read, known, core.clock()))) return
      const job = await core.database.write((db) => claim(db, known, core.clock()))
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
      await scheduleRecurring(core, kinds)
      pollAgain()
    },
    async stop() {
      stopping.abort()
      clearTimeout(timer)
      await running
    },
  }
}

async function enqueueWanted(core: Core, kinds: readonly JobKind[]): Promise<void> {
  for (const { kind, wanted } of kinds) {
    if (wanted) await enqueueMissing(core.database, kind, await wanted(core), core.clock())
  }
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

async function scheduleRecurring(core: Core, kinds: readonly JobKind[]): Promise<void> {
  const now = core.clock()
  await core.database.write(async (db) => {
    for (const { kind, every } of kinds) {
      if (every === undefined) continue
      await db
        .insertInto('jobs')
        .values({ kind, key: '', run_at: now + every, created_at: now })
        .onConflict((c) => c.doNothing())
        .execute()
    }
  })
}

async function work(core: Core, kind: JobKind, job: JobRow, stopping: AbortSignal): Promise<void> {
  const lost = new AbortController()
  const keep = setInterval(() => void keepLease(core, job, lost), leaseMs / 3)
  try {
    await kind.run(core, job.key, AbortSignal.any([stopping, lost.signal]))
    const next = kind.every === undefined ? undefined : core.clock() + kind.every
    await core.database.write((db) => finish(db, job, next))
  } catch (error) {
    core.log.warn({ err: error, job: job.kind, key: job.key }, 'a job failed and will be tried again')
    await core.database.write((db) => fail(db, job, error, core.clock()))
  } finally {
    clearInterval(keep)
  }
}

async function keepLease(core: Core, job: JobRow, lost: AbortController): Promise<void> {
  try {
    if (!(await core.database.write((db) => extend(db, job, core.clock())))) lost.abort()
  } catch {
    lost.abort()
  }
}
