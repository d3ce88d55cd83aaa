import type { Db } from '../../database/database.ts'
import type { Entry } from '../../formats/format.ts'

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
  entries: readonly Entry[],
  now: number,
): Promise<void> {
  const old = await db
    .deleteFrom('entries')
    .where('package_id', '=', packageId)
    .where('rule', '=', at.rule)
    .returning('key')
    .execute()
  for (const entry of entries) {
    await db
      .insertInto('entries')
      .values({
        project_id: at.projectId,
        package_id: packageId,
        format: at.format,
        rule: at.rule,
        key: entry.key,
        entry_id: entry.id,
        text: entry.text,
      })
      .execute()
  }
  for (const key of new Set([...old, ...entries].map((entry) => entry.key)))
    await touchIndex(db, at, key, now)
}

async function touchIndex(db: Db, at: RuleOfProject, key: string, now: number): Promise<void> {
  await db
    .insertInto('index_revisions')
    .values({ project_id: at.projectId, format: at.format, rule: at.rule, key, revision: 1, changed_at: now })
    .onConflict((c) =>
      c.columns(['format', 'rule', 'key', 'project_id']).doUpdateSet((eb) => ({
        revision: eb('index_revisions.revision', '+', 1),
        changed_at: now,
      })),
    )
    .execute()
}
