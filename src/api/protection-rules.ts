import { z } from 'zod'
import { adminLevel } from '../core/access/protection.ts'
import { roles } from '../core/access/rights.ts'
import { addProtection, changeProtection, dropProtection } from '../core/owners/protection.ts'
import { mapPage, readPage } from '../core/records/pages.ts'
import { protectionRulesOf, type Protection } from '../core/records/protection-rules.ts'
import type { ProtectionRuleRow } from '../database/schema.ts'
import { formatId, knownFormat, label, numberId, pathId } from './parameters.ts'
import { reachProject } from './reach.ts'
import { requirePackages } from './reach-package.ts'
import { listRoute, route, type Call } from './route.ts'

const tag = 'Protection rules'
const path = '/projects/:id/packages/protection/rules'

const levels = { maintainer: roles.maintainer, owner: roles.owner, admin: adminLevel } as const
const pushLevel = z.enum(['maintainer', 'owner', 'admin'])
const deleteLevel = z.enum(['owner', 'admin'])
const onlyBy = z.enum(['trusted_publishers'])

/** The empty text of a form is null. */
const orEmpty = <T extends z.ZodType>(schema: T) => z.union([schema, z.literal('')]).nullable()

const rule = z
  .strictObject({
    id: z.int(),
    project_id: z.int(),
    package_name_pattern: z.string(),
    package_type: z.string(),
    minimum_access_level_for_push: pushLevel.nullable(),
    minimum_access_level_for_delete: deleteLevel.nullable(),
    only_by: onlyBy.nullable(),
  })
  .meta({ id: 'PackageProtectionRule' })

const nameOf = <K extends keyof typeof levels>(level: number | null) =>
  (Object.keys(levels) as K[]).find((name) => levels[name] === level) ?? null

const ruleJson = (row: ProtectionRuleRow): z.input<typeof rule> => ({
  id: row.id,
  project_id: row.project_id,
  package_name_pattern: row.pattern,
  package_type: row.format,
  minimum_access_level_for_push: nameOf(row.push_level),
  minimum_access_level_for_delete: nameOf<'owner' | 'admin'>(row.delete_level),
  only_by: row.only_by,
})

const pattern = label.describe('`*` stands for any text')
const protection = {
  minimum_access_level_for_push: orEmpty(pushLevel).optional().describe('null: developers, as usual'),
  minimum_access_level_for_delete: orEmpty(deleteLevel).optional().describe('null: maintainers, as usual'),
  only_by: orEmpty(onlyBy)
    .optional()
    .describe('`trusted_publishers`: nobody but jobs that a trust lets in publishes'),
}

interface Asked {
  readonly minimum_access_level_for_push?: keyof typeof levels | '' | null | undefined
  readonly minimum_access_level_for_delete?: keyof typeof levels | '' | null | undefined
  readonly only_by?: 'trusted_publishers' | '' | null | undefined
}

const levelOf = (name: keyof typeof levels | '' | null) => (name ? levels[name] : null)

/** What was given; what was left out is left out. */
function protectionOf(asked: Asked): Partial<Protection> {
  const {
    minimum_access_level_for_push: push,
    minimum_access_level_for_delete: remove,
    only_by: only,
  } = asked
  return {
    ...(push === undefined ? {} : { push_level: levelOf(push) }),
    ...(remove === undefined ? {} : { delete_level: levelOf(remove) }),
    ...(only === undefined ? {} : { only_by: only || null }),
  }
}

async function reach(call: Call<{ readonly id: string }>, permission: 'read_settings' | 'admin_project') {
  requirePackages(call)
  return reachProject(call, call.params.id, permission)
}
const manage = (call: Call<{ readonly id: string }>) => reach(call, 'admin_project')

const list = listRoute({
  method: 'GET',
  path,
  summary: "A project's package protection rules",
  tag,
  needs: 'read',
  params: { id: pathId },
  item: rule,
  async run(call, window) {
    const project = await reach(call, 'read_settings')
    const db = call.core.database.read
    return mapPage(await readPage(db, protectionRulesOf(db, project.id), window), ruleJson)
  },
})

const create = route({
  method: 'POST',
  path,
  summary: 'Protect the packages whose names match a pattern',
  tag,
  needs: 'write',
  params: { id: pathId },
  body: { package_name_pattern: pattern, package_type: formatId, ...protection },
  response: rule,
  async run(call) {
    const { package_name_pattern: wanted, package_type: format } = call.body
    const project = await manage(call)
    const nothing = { push_level: null, delete_level: null, only_by: null }
    return ruleJson(
      await addProtection(call, project, {
        ...nothing,
        ...protectionOf(call.body),
        pattern: wanted,
        format: knownFormat(call, 'package_type', format),
      }),
    )
  },
})

const one = { id: pathId, package_protection_rule_id: numberId }

const change = route({
  method: 'PATCH',
  path: `${path}/:package_protection_rule_id`,
  summary: 'Change a package protection rule; what is left out stays',
  tag,
  needs: 'write',
  params: one,
  body: { package_name_pattern: pattern.optional(), package_type: formatId.optional(), ...protection },
  response: rule,
  async run(call) {
    const { package_name_pattern: wanted, package_type: format } = call.body
    const project = await manage(call)
    const wish = {
      ...protectionOf(call.body),
      ...(wanted === undefined ? {} : { pattern: wanted }),
      ...(format === undefined ? {} : { format: knownFormat(call, 'package_type', format) }),
    }
    return ruleJson(await changeProtection(call, project, call.params.package_protection_rule_id, wish))
  },
})

const remove = route({
  method: 'DELETE',
  path: `${path}/:package_protection_rule_id`,
  summary: 'Drop a package protection rule',
  tag,
  needs: 'write',
  params: one,
  run: async (call) => dropProtection(call, await manage(call), call.params.package_protection_rule_id),
})

export const protectionRuleRoutes = [list, create, change, remove]
