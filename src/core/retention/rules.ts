import type { Db } from '../../database/database.ts'
import type { ProjectRow, ProtectionRuleRow, RetentionRuleRow } from '../../database/schema.ts'
import { matchesName } from '../access/protection.ts'
import type { Core } from '../core.ts'
import { protectionRulesOf } from '../records/protection-rules.ts'
import { keptBuilds, retentionLevels } from '../records/retention-rules.ts'

/** Everything that owners rule about what leaves a project, and what may not. */
export interface ProjectRetention {
  readonly project: ProjectRow
  /** One list for the project and each group above, the nearest first. */
  readonly levels: readonly (readonly RetentionRuleRow[])[]
  readonly protections: readonly ProtectionRuleRow[]
  /** How many builds of the same file a package keeps; undefined: all. */
  readonly builds: number | undefined
}

export async function retentionOf(db: Db, project: ProjectRow): Promise<ProjectRetention> {
  return {
    project,
    levels: await retentionLevels(db, project),
    protections: await protectionRulesOf(db, project.id).execute(),
    builds: await keptBuilds(db, project.id),
  }
}

interface NameKey {
  readonly format: string
  readonly key: string
}

/** The rules about a name: those of the nearest level that has any for its format, switched on or not. */
export function rulesAbout(
  core: Core,
  { levels }: ProjectRetention,
  { format, key }: NameKey,
): RetentionRuleRow[] {
  return nearestRules(levels, format).filter((rule) =>
    matchesName(core, { format, pattern: rule.name_pattern }, key),
  )
}

/** The pattern of a rule that lets not every maintainer remove packages of the name. */
export function protectedBy(
  core: Core,
  protections: readonly ProtectionRuleRow[],
  { format, key }: NameKey,
): string | undefined {
  const protecting = protections.filter((rule) => rule.delete_level !== null && rule.format === format)
  return protecting.find((rule) => matchesName(core, rule, key))?.pattern
}

/** Of the rules of some levels, the nearest first, those that hold for at least one of these formats. */
export function rulesInForce(
  levels: readonly (readonly RetentionRuleRow[])[],
  formats: Iterable<string>,
): ReadonlySet<RetentionRuleRow> {
  return new Set([...formats].flatMap((format) => nearestRules(levels, format)))
}

function nearestRules(levels: readonly (readonly RetentionRuleRow[])[], format: string): RetentionRuleRow[] {
  const isOfFormat = (rule: RetentionRuleRow) => rule.format === null || rule.format === format
  return levels.find((rules) => rules.some(isOfFormat))?.filter(isOfFormat) ?? []
}
