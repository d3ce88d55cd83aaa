import type { Core } from '../core/core.ts'

/** A kind of work done apart from requests. It reads the current state; a job carries nothing but its key. */
export interface JobKind {
  /** Stands in the `jobs` table. */
  readonly kind: string
  /** Recurring ones: how long after one run the next begins, in milliseconds. */
  readonly every?: number
  /** Keys for which there is work though nobody enqueued it; asked before each look for jobs that are due. */
  wanted?(core: Core): Promise<readonly string[]>
  /** Does the work; may be called again after a crash half-way. `signal` is aborted when the lease is lost or we stop. */
  run(core: Core, key: string, signal: AbortSignal): Promise<void>
}
