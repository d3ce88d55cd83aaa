/** Making, changing and dropping rules about which packages leave by themselves. */
import type { Db } from '../../database/database.ts'
import type { ProjectRow, RetentionRuleRow } from '../../database/schema.ts'
import { invalid } from '../../lib/problem.ts'
import type { Acting } from '../owners/acting.ts'
import { found, manage, recordAt } from '../owners/manage.ts'
import { memberOf, type Owned } from '../owners/members.ts'
import {
  deleteRetentionRule,
  findRetentionRule,
  insertRetentionRule,
  retentionRulesOf,
  setKeptBuilds,
  updateRetentionRule,
  type Retention,
} from '../records/retention-rules.ts'

/** Every rule about a name is asked about each of its versions. */
const mostRules = 50

/**
 * Adds a rule.
 * @throws Problem 401, 403 or 404 where the caller may not, 400 where there are too many.
 */
export async function addRetentionRule(
  acting: Acting,
  owned: Owned,
  wish: Retention,
): Promise<RetentionRuleRow> {
  const of = memberOf(owned)
  return manage(acting, owned, async (db) => {
    const others = await retentionRulesOf(db, of).execute()
    if (others.length >= mostRules) throw invalid(`there are at most ${mostRules} retention rules`)
    const row = await insertRetentionRule(db, of, wish, acting.core.clock())
    await record(db, acting, owned, 'retention.created', row)
    return row
  })
}

/** Changes a rule; what is left out stays. Throws as `addRetentionRule`, and 404 for an unknown rule. */
export async function changeRetentionRule(
  acting: Acting,
  owned: Owned,
  id: number,
  change: Partial<Retention>,
): Promise<RetentionRuleRow> {
  return manage(acting, owned, async (db) => {
    await existing(db, owned, id)
    const row = await updateRetentionRule(db, id, change, acting.core.clock())
    await record(db, acting, owned, 'retention.changed', row)
    return row
  })
}

/** Throws as `changeRetentionRule`. */
export async function dropRetentionRule(acting: Acting, owned: Owned, id: number): Promise<void> {
  await manage(acting, owned, async (db) => {
    const row = await existing(db, owned, id)
    await deleteRetentionRule(db, id)
    await record(db, acting, owned, 'retention.deleted', row)
  })
}

/**
 * Says how many builds of the same file the packages of a project keep; undefined: all.
 * @throws Problem 401, 403 or 404 where the caller may not.
 */
export async function changeKeptBuilds(
  acting: Acting,
  project: ProjectRow,
  count: number | undefined,
): Promise<void> {
  const owner = { kind: 'project', project } as const
  await manage(acting, owner, async (db) => {
    await setKeptBuilds(db, project.id, count)
    const detail = { keep_n_duplicated_package_files: count ?? 'all' }
    await recordAt(db, acting, owner, 'settings.changed', { detail })
  })
}

async function existing(db: Db, owned: Owned, id: number): Promise<RetentionRuleRow> {
  return found(await findRetentionRule(db, memberOf(owned), id), 'Retention Rule')
}

function record(
  db: Db,
  acting: Acting,
  owned: Owned,
  kind: 'retention.created' | 'retention.changed' | 'retention.deleted',
  rule: RetentionRuleRow,
): Promise<void> {
  const { project_id: _p, group_id: _g, format, created_at: _c, updated_at: _u, ...detail } = rule
  return recordAt(db, acting, owned, kind, { ...(format === null ? {} : { format }), detail })
}
