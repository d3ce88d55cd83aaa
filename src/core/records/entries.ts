import type { Db } from '../../database/database.ts'
import type { Entry, SetEntry } from '../../formats/format.ts'
import { inBatches } from './batches.ts'

export interface RuleOfProject {
  readonly projectId: number
  readonly format: string
  readonly rule: string
}

/** Replaces a package's entries under one rule and counts a change for each key that lost or gained one. */
export async function replaceEntries(
  db: Db,
  at: RuleOfProject,
  packageId: number,
  entries: readonly (Entry & Partial<Pick<SetEntry, 'list'>>)[],
  now: number,
): Promise<void> {
  const old = await db
    .deleteFrom('entries')
    .where('package_id', '=', packageId)
    .where('rule', '=', at.rule)
    .returning('key')
    .execute()
  const owner = { project_id: at.projectId, package_id: packageId, format: at.format, rule: at.rule }
  for (const some of inBatches(entries, 100)) {
    const rows = some.map(({ key, list = '', id, text }) => ({ ...owner, key, list, entry_id: id, text }))
    await db.insertInto('entries').values(rows).execute()
  }
  await touchIndexes(db, at, [...old, ...entries], now)
}

/** Drops the entries of packages that documents do not show any more, as `replaceEntries` does with one. */
export async function dropEntries(
  db: Db,
  at: RuleOfProject,
  packageIds: readonly number[],
  now: number,
): Promise<void> {
  const dropped: { key: string }[] = []
  for (const ids of inBatches(packageIds)) {
    const rows = await db
      .deleteFrom('entries')
      .where('package_id', 'in', ids)
      .where('rule', '=', at.rule)
      .returning('key')
      .execute()
    dropped.push(...rows)
  }
  await touchIndexes(db, at, dropped, now)
}

async function touchIndexes(
  db: Db,
  at: RuleOfProject,
  entries: readonly { readonly key: string }[],
  now: number,
): Promise<void> {
  const index = { project_id: at.projectId, format: at.format, rule: at.rule, revision: 1, changed_at: now }
  // In one order everywhere, so that two transactions never wait for each other.
  const keys = [...new Set(entries.map((entry) => entry.key))].toSorted()
  for (const batch of inBatches(keys)) {
    await db
      .insertInto('index_revisions')
      .values(batch.map((key) => ({ ...index, key })))
      .onConflict((c) =>
        c.columns(['format', 'rule', 'key', 'project_id']).doUpdateSet((eb) => ({
          revision: eb('index_revisions.revision', '+', 1),
          changed_at: now,
        })),
      )
      .execute()
  }
}
