import type { Kysely } from 'kysely'
import { anchorOf, unknownAnchor } from '../pattern-anchor.ts'
import type { Migration } from './migration.ts'

/**
 * What a name must have for a reserved pattern to match it (`../pattern-anchor.ts`), so that a name is looked up among
 * those of all groups without reading them all. Older nodes do not say it: theirs are compared with every name.
 */
export const reservationAnchors: Migration = {
  async up(db: Kysely<any>) {
    await db.schema
      .alterTable('name_reservations')
      .addColumn('anchor', 'text', (c) => c.notNull().defaultTo(unknownAnchor))
      .execute()
  },
  indexes: [{ name: 'name_reservations_anchors', on: 'name_reservations (format, anchor, id)' }],
  async fill(db: Kysely<any>) {
    const rows = await db
      .selectFrom('name_reservations')
      .select(['id', 'pattern'])
      .where('anchor', '=', unknownAnchor)
      .limit(batch)
      .execute()
    for (const { id, pattern } of rows) {
      await db
        .updateTable('name_reservations')
        .set({ anchor: anchorOf(String(pattern)) })
        .where('id', '=', id)
        .execute()
    }
    return rows.length === batch
  },
}

/** Rows of one call. */
const batch = 500
