import type { Db } from '../database.ts'

/** As many snapshots may be held at the same time; the next ones wait. */
const most = 4

/** Connections for snapshots. Each is held by one piece of work, which may take its time without holding up the next. */
export interface Snapshots {
  run<T>(work: (db: Db) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Opens connections as they are needed. */
export function createSnapshots(open: () => Db): Snapshots {
  const idle: Db[] = []
  const all: Db[] = []
  const waiting: ((db: Db) => void)[] = []

  function take(): Db | Promise<Db> {
    const free = idle.pop()
    if (free) return free
    if (all.length === most) return new Promise((resolve) => waiting.push(resolve))
    const opened = open()
    all.push(opened)
    return opened
  }
  function giveBack(db: Db): void {
    const next = waiting.shift()
    if (next) next(db)
    else idle.push(db)
  }
  return {
    async run(work) {
      const db = await take()
      try {
        return await db
          .transaction()
          .setAccessMode('read only')
          .execute((trx: Db) => work(trx))
      } finally {
        giveBack(db)
      }
    },
    async close() {
      await Promise.all(all.map((db) => db.destroy()))
    },
  }
}
