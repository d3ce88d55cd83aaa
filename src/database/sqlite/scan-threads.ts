/** Statements that may look at very many rows, run in threads, so that the event loop goes on meanwhile. */
import { Worker } from 'node:worker_threads'
import type { SQLInputValue } from 'node:sqlite'
import {
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type QueryResult,
} from 'kysely'
import { toSqlite, type StatementCounts } from './dialect.ts'
import { withDisk } from './errors.ts'

export interface ScanRequest {
  readonly id: number
  readonly sql: string
  readonly parameters: readonly SQLInputValue[]
}
export interface ScanAnswer {
  readonly id: number
  readonly rows?: readonly unknown[]
  readonly error?: { readonly message: string; readonly errcode: number | undefined }
}

/** A slow scan must not hold up all others. */
const mostThreads = 2
const program = new URL('scan-thread.ts', import.meta.url)

/** Kysely would run one statement at a time. */
class ScanAdapter extends SqliteAdapter {
  override get supportsMultipleConnections() {
    return true
  }
}

/** A dialect for single reading statements; threads start when they are first needed. */
export function scanDialect(file: string, counts: StatementCounts): Dialect {
  const threads: ScanThread[] = []
  const connection: DatabaseConnection = {
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      counts.statements += 1
      const rows = await quietest(threads, file).run(sql, parameters.map(toSqlite))
      return { rows: rows as R[] }
    },
    streamQuery() {
      throw new Error('scans are not streamed')
    },
  }
  const refuse = async () => {
    throw new Error('scans are single statements')
  }
  return {
    createAdapter: () => new ScanAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createDriver: () => ({
      init: async () => {},
      acquireConnection: async () => connection,
      beginTransaction: refuse,
      commitTransaction: refuse,
      rollbackTransaction: refuse,
      releaseConnection: async () => {},
      async destroy() {
        await Promise.all(threads.splice(0).map((thread) => thread.end()))
      },
    }),
  }
}

function quietest(threads: ScanThread[], file: string): ScanThread {
  const idle = threads.find((thread) => thread.waiting() === 0)
  if (idle) return idle
  if (threads.length < mostThreads) {
    const thread = startThread(file, () => threads.splice(threads.indexOf(thread), 1))
    threads.push(thread)
    return thread
  }
  return threads.reduce((a, b) => (b.waiting() < a.waiting() ? b : a))
}

interface ScanThread {
  run(sql: string, parameters: readonly SQLInputValue[]): Promise<readonly unknown[]>
  /** How many statements have no answer yet. */
  waiting(): number
  end(): Promise<void>
}

/** It keeps the process alive only while a statement waits for its answer. */
function startThread(file: string, onEnd: () => void): ScanThread {
  const worker = new Worker(program, { workerData: { file } })
  const waiting = new Map<number, PromiseWithResolvers<readonly unknown[]>>()
  let last = 0
  worker.unref()
  worker.on('message', ({ id, rows, error }: ScanAnswer) => {
    const asked = waiting.get(id)
    waiting.delete(id)
    if (waiting.size === 0) worker.unref()
    if (rows) asked?.resolve(rows)
    else asked?.reject(withDisk(Object.assign(new Error(error?.message), { errcode: error?.errcode })))
  })
  const fail = (error: Error) => {
    for (const asked of waiting.values()) asked.reject(error)
    waiting.clear()
    onEnd()
  }
  worker.on('error', fail)
  worker.on('exit', () => fail(new Error('the scanning thread ended')))
  return {
    run(sql, parameters) {
      const asked = Promise.withResolvers<readonly unknown[]>()
      last += 1
      waiting.set(last, asked)
      worker.ref()
      worker.postMessage({ id: last, sql, parameters } satisfies ScanRequest, [])
      return asked.promise
    },
    waiting: () => waiting.size,
    async end() {
      await worker.terminate()
    },
  }
}
