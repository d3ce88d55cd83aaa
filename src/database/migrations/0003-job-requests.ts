import type { Migration } from './migration.ts'

/** What transactions ask to be done: a row of their own, so that none of them waits for another at the job's row. */
export const jobRequests: Migration = {
  async up(db) {
    await db.schema
      .createTable('job_requests')
      .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('key', 'text', (c) => c.notNull())
      .addColumn('run_at', 'bigint', (c) => c.notNull())
      .execute()
  },
}
