/** What is measured while the server runs. All labels come from small sets: never a path, a name or a caller. */
import { createInstruments, type Counter, type Family, type Histogram } from '../../lib/instruments.ts'

export interface Metrics {
  /** By format ('' for everything else), route pattern, method and class of the status. */
  readonly requests: Counter
  /** By format and method. */
  readonly requestSeconds: Histogram
  /** By format. */
  readonly receivedBytes: Counter
  readonly sentBytes: Counter
  readonly publications: Counter
  readonly removals: Counter
  /** By kind and result. */
  readonly jobRuns: Counter
  /** By kind. */
  readonly jobSeconds: Histogram
  /** By operation. */
  readonly storageSeconds: Histogram
  readonly storageErrors: Counter
  /** By what it was: a statement that reads, a snapshot, a transaction that writes. */
  readonly databaseSeconds: Histogram
  families(): Family[]
}

/** Seconds. */
const requestBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
const shortBounds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]
const jobBounds = [0.01, 0.1, 1, 10, 60, 300, 1800, 7200]

/** Makes the instruments of one process. */
export function createMetrics(): Metrics {
  const { counter, histogram, families } = createInstruments()
  return {
    requests: counter('entrepot_http_requests_total', 'Requests that were answered or broken off.', [
      'format',
      'route',
      'method',
      'status',
    ]),
    requestSeconds: histogram(
      'entrepot_http_request_duration_seconds',
      'From the request line to the last byte of the answer.',
      ['format', 'method'],
      requestBounds,
    ),
    receivedBytes: counter('entrepot_http_received_bytes_total', 'Bytes of requests.', ['format']),
    sentBytes: counter('entrepot_http_sent_bytes_total', 'Bytes of answers.', ['format']),
    publications: counter('entrepot_publications_total', 'Packages published, or files added to them.', [
      'format',
    ]),
    removals: counter('entrepot_removals_total', 'Removals of packages or of files of them.', ['format']),
    jobRuns: counter('entrepot_job_runs_total', 'Runs of jobs.', ['kind', 'result']),
    jobSeconds: histogram('entrepot_job_duration_seconds', 'How long jobs ran.', ['kind'], jobBounds),
    storageSeconds: histogram(
      'entrepot_storage_duration_seconds',
      'How long operations of the store took; an open takes until its last byte.',
      ['operation'],
      requestBounds,
    ),
    storageErrors: counter('entrepot_storage_errors_total', 'Operations of the store that failed.', [
      'operation',
    ]),
    databaseSeconds: histogram(
      'entrepot_database_duration_seconds',
      'How long the database took: single reads, snapshots, and transactions with their wait.',
      ['operation'],
      shortBounds,
    ),
    families,
  }
}
