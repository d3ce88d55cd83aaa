/** What a scanning thread runs: statements that only read, one after the other, on a connection of its own. */
import { parentPort, workerData } from 'node:worker_threads'
import type { SQLInputValue, StatementSync } from 'node:sqlite'
import { LRUCache } from 'lru-cache'
import { openConnection } from './connection.ts'
import type { ScanAnswer, ScanRequest } from './scan-threads.ts'

const connection = openConnection((workerData as { readonly file: string }).file, true)
const statements = new LRUCache<string, StatementSync>({ max: 100 })

parentPort!.on('message', ({ id, sql, parameters }: ScanRequest) => {
  parentPort!.postMessage({ id, ...answer(sql, parameters) } satisfies ScanAnswer, [])
})

function answer(sql: string, parameters: readonly SQLInputValue[]) {
  try {
    const statement = statements.get(sql) ?? connection.prepare(sql)
    statements.set(sql, statement)
    return { rows: statement.all(...parameters) }
  } catch (error) {
    const { message, errcode } = error as Error & { readonly errcode?: number }
    return { error: { message, errcode } }
  }
}
