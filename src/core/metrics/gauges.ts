/** What is counted or looked up only when somebody reads the metrics. */
import type { Family } from '../../lib/instruments.ts'
import { programVersion } from '../../lib/version.ts'
import type { Core } from '../core.ts'

type Gauge = readonly [name: string, help: string, value: number]

/** What each process has for itself; several are added up. */
export function processFamilies(core: Core): Family[] {
  const { database, documents, files } = core
  return [
    ...core.metrics.families(),
    count('entrepot_document_renders_total', 'Documents that were rendered.', documents.counts.renders),
    count('entrepot_database_statements_total', 'Statements the database ran.', database.counts.statements),
    gauge(['entrepot_document_cache_bytes', 'Memory of rendered documents.', documents.bytes()]),
    gauge(['entrepot_file_cache_bytes', 'Memory of small files.', files.bytes()]),
  ]
}

/** What is the same whichever process of this machine looks. */
export async function sharedFamilies(core: Core): Promise<Family[]> {
  const info = { version: programVersion(), node: process.versions.node }
  const free = (await core.diskSpace?.().catch(() => undefined))?.free
  return [
    {
      name: 'entrepot_info',
      help: 'The versions that run.',
      type: 'gauge',
      aggregator: 'first',
      values: [{ labels: info, value: 1 }],
    },
    ...(free === undefined
      ? []
      : [gauge(['entrepot_storage_free_bytes', 'Free space where packages are stored.', free])]),
    ...(await jobFamilies(core)),
  ]
}

async function jobFamilies({ database, clock }: Core): Promise<Family[]> {
  const now = clock()
  const due = await database.read
    .selectFrom('jobs')
    .select((eb) => [eb.fn.countAll<number>().as('count'), eb.fn.min('run_at').as('oldest')])
    .where('run_at', '<=', now)
    .executeTakeFirstOrThrow()
  const failed = await database.read
    .selectFrom('jobs')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('error', 'is not', null)
    .executeTakeFirstOrThrow()
  const waited = due.oldest === null ? 0 : Math.max(0, now - Number(due.oldest)) / 1000
  return [
    gauge(['entrepot_jobs_due', 'Jobs that wait for a worker or are under way.', Number(due.count)]),
    gauge(['entrepot_jobs_failing', 'Jobs whose last run failed.', Number(failed.count)]),
    gauge(['entrepot_jobs_oldest_seconds', 'How long the oldest of the due jobs has been due.', waited]),
  ]
}

const gauge = ([name, help, value]: Gauge): Family => ({
  name,
  help,
  type: 'gauge',
  aggregator: 'sum',
  values: [{ labels: {}, value }],
})

const count = (name: string, help: string, value: number): Family => ({
  name,
  help,
  type: 'counter',
  aggregator: 'sum',
  values: [{ labels: {}, value }],
})
