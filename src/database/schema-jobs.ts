/** The tables of what is done apart from requests. */
import type { Generated } from 'kysely'

export interface Jobs {
  id: Generated<number>
  kind: string
  /** At most one row per kind and key. */
  key: string
  run_at: number
  attempts: Generated<number>
  lease_until: number | null
  /** Counts the claims: a worker whose number was overtaken may not finish the job. */
  fence: Generated<number>
  error: string | null
  created_at: number
}
/** A job that a transaction made necessary; workers turn requests into jobs, one for each kind and key. */
export interface JobRequests {
  id: Generated<number>
  kind: string
  key: string
  run_at: number
}
