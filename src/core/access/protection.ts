/** Protection rules: a project's packages whose names match a pattern ask for more than roles do. */
import type { ProjectRow, ProtectionRuleRow } from '../../database/schema.ts'
import { Problem } from '../../lib/problem.ts'
import type { Core } from '../core.ts'
import { protectionRulesOf } from '../records/protection-rules.ts'
import { roleOn } from './authorize.ts'
import { matchesPattern } from './patterns.ts'
import type { Principal } from './principal.ts'

/** What administrators count as where rules compare levels. */
export const adminLevel = 60

/** A name in a project. */
export interface NameInProject {
  readonly project: ProjectRow
  readonly format: string
  /** Normalised. */
  readonly key: string
}

/**
 * Throws 403 if a rule keeps the caller from publishing under the name. Deploy tokens satisfy no rule; jobs do, by
 * the role of their trust; `trusted_publishers` lets only jobs pass.
 */
export async function refuseProtected(
  core: Core,
  generation: number,
  principal: Principal,
  name: NameInProject,
): Promise<void> {
  const rules = await rulesFor(core, generation, name)
  if (rules.length === 0) return
  const isJob = principal.kind === 'machine' && principal.what === 'job_token'
  const isDeploy = principal.kind === 'machine' && principal.what === 'deploy_token'
  const level = isDeploy ? 0 : await levelOn(core, generation, principal, name.project)
  const isRefused = rules.some((rule) => (rule.only_by !== null && !isJob) || (rule.push_level ?? 0) > level)
  if (isRefused) throw new Problem(403, 'protected', 'Package protected.')
}

/** The normalised spelling of the name with this number. */
export async function keyOfName(core: Core, generation: number, nameId: number): Promise<string> {
  const { key } = await core.kept.get(`key/${nameId}`, generation, () =>
    core.database.read.selectFrom('names').select('key').where('id', '=', nameId).executeTakeFirstOrThrow(),
  )
  return key
}

/** Whether a rule keeps the caller from removing packages of the name. */
export async function isDeleteProtected(
  core: Core,
  generation: number,
  principal: Principal,
  project: ProjectRow,
  pkg: { readonly format: string; readonly name_id: number },
): Promise<boolean> {
  const rules = await keptRules(core, generation, project)
  if (!rules.some((rule) => rule.delete_level !== null && rule.format === pkg.format)) return false
  const key = await keyOfName(core, generation, pkg.name_id)
  const level = await levelOn(core, generation, principal, project)
  const matching = await rulesFor(core, generation, { project, format: pkg.format, key })
  return matching.some((rule) => (rule.delete_level ?? 0) > level)
}

/** Throws 403 if a rule keeps the caller from removing packages of the name. */
export async function refuseDeleteProtected(...asked: Parameters<typeof isDeleteProtected>): Promise<void> {
  if (await isDeleteProtected(...asked)) throw new Problem(403, 'protected', 'Package is deletion protected.')
}

async function levelOn(core: Core, generation: number, principal: Principal, project: ProjectRow) {
  if (principal.kind === 'user' && principal.admin) return adminLevel
  return roleOn(core, generation, principal, { kind: 'project', project })
}

function keptRules(core: Core, generation: number, project: ProjectRow): Promise<ProtectionRuleRow[]> {
  return core.kept.get(`protection/${project.id}`, generation, () =>
    protectionRulesOf(core.database.read, project.id).execute(),
  )
}

async function rulesFor(core: Core, generation: number, { project, format, key }: NameInProject) {
  const rules = await keptRules(core, generation, project)
  return rules.filter((rule) => rule.format === format && matchesName(core, rule, key))
}

/** A pattern without a star is a name, which may be written in any of its spellings. */
export function matchesName(
  core: Core,
  { format, pattern }: Pick<ProtectionRuleRow, 'format' | 'pattern'>,
  key: string,
): boolean {
  if (matchesPattern(pattern, key)) return true
  if (pattern.includes('*')) return false
  try {
    return core.formats.get(format)?.names.normalize(pattern) === key
  } catch {
    return false
  }
}
