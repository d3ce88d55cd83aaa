/** Making, changing and dropping protection rules. */
import type { Db } from '../../database/database.ts'
import type { ProjectRow, ProtectionRuleRow } from '../../database/schema.ts'
import { Problem } from '../../lib/problem.ts'
import {
  countProtectionRules,
  deleteProtectionRule,
  findProtectionRule,
  insertProtectionRule,
  updateProtectionRule,
  type Protection,
} from '../records/protection-rules.ts'
import type { Acting } from './acting.ts'
import { found, manage, recordAt, unlessTaken } from './manage.ts'

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
  return writeRule(acting, project, async (db) => {
    checkWish(wish)
    if ((await countProtectionRules(db, project.id)) >= mostRules) {
      throw unprocessable(`A project has at most ${mostRules} protection rules`)
    }
    const row = await insertProtectionRule(db, { project_id: project.id, ...wish }, acting.core.clock())
    await record(db, acting, project, 'protection.created', row)
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
  return writeRule(acting, project, async (db) => {
    const wish = { ...(await existing(db, project, id)), ...change }
    checkWish(wish)
    const row = await updateProtectionRule(db, wish)
    await record(db, acting, project, 'protection.changed', row)
    return row
  })
}

/** Throws as `changeProtection`. */
export async function dropProtection(acting: Acting, project: ProjectRow, id: number): Promise<void> {
  await writeRule(acting, project, async (db) => {
    const row = await existing(db, project, id)
    await deleteProtectionRule(db, id)
    await record(db, acting, project, 'protection.deleted', row)
  })
}

async function existing(db: Db, project: ProjectRow, id: number): Promise<ProtectionRuleRow> {
  return found(await findProtectionRule(db, project.id, id), 'Package protection rule')
}

const unprocessable = (message: string) => new Problem(422, 'unprocessable', message)

function checkWish({ push_level: push, delete_level: remove, only_by: onlyBy }: Protection): void {
  if (push !== null || remove !== null || onlyBy !== null) return
  throw unprocessable(
    'A rule must have at least a minimum access role for push, one for delete, or say who alone may push.',
  )
}

const writeRule = <T>(acting: Acting, project: ProjectRow, work: (db: Db) => Promise<T>): Promise<T> =>
  unlessTaken(acting, manage(acting, { kind: 'project', project }, work), () =>
    unprocessable('Package name pattern has already been taken'),
  )

function record(
  db: Db,
  acting: Acting,
  project: ProjectRow,
  kind: 'protection.created' | 'protection.changed' | 'protection.deleted',
  rule: ProtectionRuleRow,
): Promise<void> {
  const { project_id: _p, format, pattern: name, created_at: _c, ...detail } = rule
  return recordAt(db, acting, { kind: 'project', project }, kind, { format, name, detail })
}
