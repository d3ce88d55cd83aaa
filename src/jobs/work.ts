import type { Core } from '../core/core.ts'
import { besideJobs } from '../core/records/job-requests.ts'
import { extend, fail, finish, leaseMs, release } from '../core/records/jobs.ts'
import type { JobRow } from '../database/schema.ts'
import type { JobKind } from './job.ts'

/**
 * Runs one claimed job and writes what became of it: done, failed, or handed back because we stop. A worker whose lease
 * was lost meanwhile writes nothing that counts.
 */
export async function work(core: Core, kind: JobKind, job: JobRow, stopping: AbortSignal): Promise<void> {
  const lease = keepLease(core, job)
  const began = performance.now()
  let result = 'failed'
  try {
    await kind.run(core, job.key, AbortSignal.any([stopping, lease.lost]))
    // A run that was told to stop may have left something undone.
    result = stopping.aborted ? 'handed_back' : 'done'
    if (stopping.aborted) await settle(core, (db) => release(db, job))
    else await settle(core, (db) => finish(db, job, kind.every && core.clock() + kind.every))
  } catch (error) {
    result = stopping.aborted ? 'handed_back' : 'failed'
    if (stopping.aborted) return await settle(core, (db) => release(db, job))
    core.log.warn({ err: error, job: job.kind, key: job.key }, 'a job failed and will be tried again')
    await settle(core, (db) => fail(db, job, error, core.clock()))
  } finally {
    lease.stop()
    core.metrics.jobRuns.add(1, job.kind, result)
    core.metrics.jobSeconds.observe((performance.now() - began) / 1000, job.kind)
  }
}

const settle = (core: Core, write: Parameters<typeof core.database.write<void>>[0]) =>
  core.database.write(write, besideJobs)

/** Holds the lease until told to stop. `lost`: it ran out, or another worker has the job now. */
function keepLease(core: Core, job: JobRow): { readonly lost: AbortSignal; stop(): void } {
  const lost = new AbortController()
  let keptAt = performance.now()
  let extending = false
  async function keep(): Promise<void> {
    if (performance.now() - keptAt >= leaseMs) lost.abort()
    if (extending || lost.signal.aborted) return
    extending = true
    const asked = performance.now()
    try {
      if (await core.database.write((db) => extend(db, job), besideJobs)) keptAt = asked
      else lost.abort()
    } catch (error) {
      core.log.warn({ err: error, job: job.kind, key: job.key }, 'the lease of a job was not extended')
    } finally {
      extending = false
    }
  }
  const timer = setInterval(() => void keep(), leaseMs / 6)
  return { lost: lost.signal, stop: () => clearInterval(timer) }
}
