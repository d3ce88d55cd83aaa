/** `/-/health`, `/-/liveness` and `/-/readiness`: what a supervisor and a load balancer ask, without a credential. */
import type { Core } from '../core/core.ts'
import { checkStore } from '../storage/check-store.ts'
import { jsonContent, type Content } from './content.ts'

/** A check that takes longer has failed. */
const patienceMs = 2_000
/** What was found is good for others who ask within this time: anybody may ask, as often as they like. */
const keptMs = 500

export interface HealthReply {
  readonly status: number
  readonly content: Content
}
type Health = () => Promise<HealthReply> | HealthReply

interface Check {
  readonly name: string
  /** Throws where something is wrong; what it throws is logged and never shown. */
  readonly run: () => Promise<unknown>
  /** What is shown then. */
  readonly complaint: string
}

/** Makes the answers by path. */
export function createHealth(core: Core, isStopping: () => boolean): ReadonlyMap<string, Health> {
  const database: Check = {
    name: 'database',
    run: () => core.freshness.current(),
    complaint: 'the database does not answer',
  }
  const storage: Check = {
    name: 'storage',
    run: () => checkStore(core.blobs),
    complaint: 'packages can be neither stored nor read',
  }
  const stopping: Check = {
    name: 'shutdown',
    run: async () => {
      if (isStopping()) throw new Error('stopping')
    },
    complaint: 'the server is stopping',
  }
  const ready = shared(() => runChecks(core, [database, storage]))
  return new Map<string, Health>([
    ['/-/liveness', () => ({ status: 200, content: jsonContent({ status: 'ok' }) })],
    ['/-/health', async () => answer(await runChecks(core, [database]))],
    ['/-/readiness', async () => answer([...(await runChecks(core, [stopping])), ...(await ready())])],
  ])
}

interface Outcome {
  readonly name: string
  readonly complaint: string | undefined
}

/** As GitLab shows it: `{"status":"failed","database_check":[{"status":"failed","message":"..."}]}`. */
function answer(outcomes: readonly Outcome[]): HealthReply {
  const isWell = outcomes.every(({ complaint }) => complaint === undefined)
  const checks = outcomes.map(({ name, complaint }) => [
    `${name}_check`,
    [complaint === undefined ? { status: 'ok' } : { status: 'failed', message: complaint }],
  ])
  const body = { status: isWell ? 'ok' : 'failed', ...Object.fromEntries(checks) }
  return { status: isWell ? 200 : 503, content: jsonContent(body) }
}

function runChecks(core: Core, checks: readonly Check[]): Promise<Outcome[]> {
  return Promise.all(
    checks.map(async ({ name, run, complaint }) => {
      try {
        await inTime(run())
        return { name, complaint: undefined }
      } catch (error) {
        if (name !== 'shutdown') core.log.warn({ err: error, check: name }, complaint)
        return { name, complaint }
      }
    }),
  )
}

async function inTime(work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${patienceMs} ms`)), patienceMs)
  try {
    await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** One look for all who ask at the same time, or a moment later. */
function shared<T>(look: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | undefined
  let until = 0
  return () => {
    if (!found || performance.now() > until) {
      until = performance.now() + patienceMs + keptMs
      found = look().finally(() => {
        until = performance.now() + keptMs
      })
    }
    return found
  }
}
