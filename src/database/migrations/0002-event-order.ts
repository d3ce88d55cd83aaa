import { sql, type Kysely } from 'kysely'
import { engineOf } from '../engine.ts'
import type { Migration } from './migration.ts'

/** Events are read on in the order of transactions, since the order of numbers is not that of commits everywhere. */
export const eventOrder: Migration = {
  async up(db: Kysely<any>) {
    // First for what is there, then for what comes: an older node goes on writing without knowing of it.
    await db.schema
      .alterTable('events')
      .addColumn('transaction', 'bigint', (c) => c.notNull().defaultTo(0))
      .execute()
    if (engineOf(db) === 'postgres') await followTransactions(db)
    await db.schema
      .alterTable('webhooks')
      .addColumn('cursor_transaction', 'bigint', (c) => c.notNull().defaultTo(0))
      .execute()
    await db.schema.createIndex('events_order').on('events').columns(['transaction', 'id']).execute()
  },
}

const followTransactions = (db: Kysely<any>) =>
  sql`alter table events alter column transaction set default (pg_current_xact_id()::text::bigint)`.execute(
    db,
  )
