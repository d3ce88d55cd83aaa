/** Making, changing and dropping protection rules. */
import type { Db } from '../../database/database.ts'
import type { ProjectRow, ProtectionRuleRow } from '../../database/schema.ts'
import { Problem, notFound } from '../../lib/problem.ts'
import { demand } from '../access/authorize.ts'
import { recordEvent } from '../records/events.ts'
import {
  countProtectionRules,
  deleteProtectionRule,
  findProtectionRule,
  insertProtectionRule,
  updateProtectionRule,
  type Protection,
} from '../records/protection-rules.ts'
import type { Acting } from './acting.ts'

/** All of a project's rules are compared at each publication. */
const mostRules = 500

export interface ProtectionWish extends Protection {
  /** Id of a format that this server knows. */
  readonly format: string
  readonly pattern: string
}

/**
 * Protects names of a project.
 * @throws Problem 401, 403 or 404 where the caller may not; 422 for a rule that says nothing or whose pattern has one.
 */
export async function addProtection(
  acting: Acting,
  project: ProjectRow,
  wish: ProtectionWish,
): Promise<ProtectionRuleRow> {
  await demandManagement(acting, project)
  checkWish(wish)
  return writeRule(acting, async (db) => {
    if ((await countProtectionRules(db, project.id)) >= mostRules) {
      throw unprocessable(`A project has at most ${mostRules} protection rules`)
    }
    const row = await insertProtectionRule(db, { project_id: project.id, ...wish }, acting.core.clock())
    await record(db, acting, 'protection.created', row)
    return row
  })
}

/** Changes a rule; what is left out stays. Throws as `addProtection`, and 404 for an unknown rule. */
export async function changeProtection(
  acting: Acting,
  project: ProjectRow,
  id: number,
  change: Partial<ProtectionWish>,
): Promise<ProtectionRuleRow> {
  await demandManagement(acting, project)
  return writeRule(acting, async (db) => {
    const wish = { ...(await existing(db, project, id)), ...change }
    checkWish(wish)
    const row = await updateProtectionRule(db, wish)
    await record(db, acting, 'protection.changed', row)
    return row
  })
}

/** Throws as `changeProtection`. */
export async function dropProtection(acting: Acting, project: ProjectRow, id: number): Promise<void> {
  await demandManagement(acting, project)
  await acting.core.database.write(async (db) => {
    const row = await existing(db, project, id)
    await deleteProtectionRule(db, id)
    await record(db, acting, 'protection.deleted', row)
  })
}

function demandManagement({ core, generation, principal }: Acting, project: ProjectRow): Promise<void> {
  return demand(core, generation, principal, 'admin_project', { kind: 'project', project })
}

async function existing(db: Db, project: ProjectRow, id: number): Promise<ProtectionRuleRow> {
  const row = await findProtectionRule(db, project.id, id)
  if (!row) throw notFound('404 Package protection rule Not Found')
  return row
}

const unprocessable = (message: string) => new Problem(422, 'unprocessable', message)

function checkWish({ push_level: push, delete_level: remove, only_by: onlyBy }: Protection): void {
  if (push !== null || remove !== null || onlyBy !== null) return
  throw unprocessable(
    'A rule must have at least a minimum access role for push, one for delete, or say who alone may push.',
  )
}

async function writeRule(
  { core }: Acting,
  work: (db: Db) => Promise<ProtectionRuleRow>,
): Promise<ProtectionRuleRow> {
  try {
    return await core.database.write(work)
  } catch (error) {
    if (!core.database.isUniqueViolation(error)) throw error
    throw unprocessable('Package name pattern has already been taken')
  }
}

async function record(
  db: Db,
  { core, origin }: Acting,
  kind: 'protection.created' | 'protection.changed' | 'protection.deleted',
  rule: ProtectionRuleRow,
): Promise<void> {
  const { project_id: projectId, format, pattern: name, created_at: _, ...detail } = rule
  await recordEvent(db, kind, origin, { projectId, format, name, detail }, core.clock())
}
