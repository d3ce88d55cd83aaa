/** Making, changing and dropping rules about which packages leave by themselves. */
import type { Db } from '../../database/database.ts'
import type { ProjectRow, RetentionRuleRow } from '../../database/schema.ts'
import { invalid, notFound } from '../../lib/problem.ts'
import { demand } from '../access/authorize.ts'
import type { Acting } from '../owners/acting.ts'
import { memberOf, type Owned } from '../owners/members.ts'
import { recordEvent } from '../records/events.ts'
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
  await demandManagement(acting, owned)
  const of = memberOf(owned)
  return acting.core.database.write(async (db) => {
    const others = await retentionRulesOf(db, of).execute()
    if (others.length >= mostRules) throw invalid(`there are at most ${mostRules} retention rules`)
    const row = await insertRetentionRule(db, of, wish, acting.core.clock())
    await record(db, acting, 'retention.created', row)
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
  await demandManagement(acting, owned)
  return acting.core.database.write(async (db) => {
    await existing(db, owned, id)
    const row = await updateRetentionRule(db, id, change, acting.core.clock())
    await record(db, acting, 'retention.changed', row)
    return row
  })
}

/** Throws as `changeRetentionRule`. */
export async function dropRetentionRule(acting: Acting, owned: Owned, id: number): Promise<void> {
  await demandManagement(acting, owned)
  await acting.core.database.write(async (db) => {
    const row = await existing(db, owned, id)
    await deleteRetentionRule(db, id)
    await record(db, acting, 'retention.deleted', row)
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
  await demandManagement(acting, { kind: 'project', project })
  const { core, origin } = acting
  await core.database.write(async (db) => {
    await setKeptBuilds(db, project.id, count)
    const detail = { keep_n_duplicated_package_files: count ?? 'all' }
    await recordEvent(db, 'settings.changed', origin, { projectId: project.id, detail }, core.clock())
  })
}

function demandManagement({ core, generation, principal }: Acting, owned: Owned): Promise<void> {
  const permission = owned.kind === 'group' ? 'admin_group' : 'admin_project'
  return demand(core, generation, principal, permission, owned)
}

async function existing(db: Db, owned: Owned, id: number): Promise<RetentionRuleRow> {
  const row = await findRetentionRule(db, memberOf(owned), id)
  if (!row) throw notFound('404 Retention Rule Not Found')
  return row
}

async function record(
  db: Db,
  { core, origin }: Acting,
  kind: 'retention.created' | 'retention.changed' | 'retention.deleted',
  rule: RetentionRuleRow,
): Promise<void> {
  const { project_id: projectId, group_id: groupId, format, created_at: _, updated_at: __, ...detail } = rule
  const where = projectId === null ? { groupId: groupId! } : { projectId }
  await recordEvent(
    db,
    kind,
    origin,
    { ...where, ...(format === null ? {} : { format }), detail },
    core.clock(),
  )
}
