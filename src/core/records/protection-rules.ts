import type { Db } from '../../database/database.ts'
import type { ProtectionRuleRow } from '../../database/schema.ts'

/** What a rule asks for. Levels are roles, 60 for administrators; at least one of the three is set. */
export type Protection = Pick<ProtectionRuleRow, 'push_level' | 'delete_level' | 'only_by'>

/** A project's rules, the oldest first. */
export function protectionRulesOf(db: Db, projectId: number) {
  return db
    .selectFrom('protection_rules')
    .selectAll()
    .where('project_id', '=', projectId)
    .orderBy('protection_rules.id')
}

export function findProtectionRule(
  db: Db,
  projectId: number,
  id: number,
): Promise<ProtectionRuleRow | undefined> {
  return protectionRulesOf(db, projectId).where('id', '=', id).executeTakeFirst()
}

export async function countProtectionRules(db: Db, projectId: number): Promise<number> {
  const { count } = await db
    .selectFrom('protection_rules')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('project_id', '=', projectId)
    .executeTakeFirstOrThrow()
  return Number(count)
}

export interface NewProtectionRule extends Protection {
  readonly project_id: number
  readonly format: string
  readonly pattern: string
}

export function insertProtectionRule(
  db: Db,
  rule: NewProtectionRule,
  now: number,
): Promise<ProtectionRuleRow> {
  return db
    .insertInto('protection_rules')
    .values({ ...rule, created_at: now })
    .returningAll()
    .executeTakeFirstOrThrow()
}

export function updateProtectionRule(db: Db, rule: ProtectionRuleRow): Promise<ProtectionRuleRow> {
  return db
    .updateTable('protection_rules')
    .set(rule)
    .where('id', '=', rule.id)
    .returningAll()
    .executeTakeFirstOrThrow()
}

export async function deleteProtectionRule(db: Db, id: number): Promise<void> {
  await db.deleteFrom('protection_rules').where('id', '=', id).execute()
}
