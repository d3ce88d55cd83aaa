import { z } from 'zod'
import { adminLevel } from '../core/access/protection.ts'
import { roles } from '../core/access/rights.ts'
import { addProtection, changeProtection, dropProtection } from '../core/owners/protection.ts'
import { protectionRulesOf, type Protection } from '../core/records/protection-rules.ts'
import type { ProtectionRuleRow } from '../database/schema.ts'
import { noun } from './noun.ts'
import { formatId, given, knownFormat, label } from './parameters.ts'
import { reachProject } from './reach.ts'
import { managing, reading } from './reach-owned.ts'
import { requirePackages } from './reach-package.ts'

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
  return given({
    push_level: push === undefined ? undefined : levelOf(push),
    delete_level: remove === undefined ? undefined : levelOf(remove),
    only_by: only === undefined ? undefined : only || null,
  })
}

const { list, create, change, remove } = noun({
  tag: 'Protection rules',
  path: '/projects/:id/packages/protection/rules',
  number: 'package_protection_rule_id',
  item: rule,
  async reach(call, how) {
    requirePackages(call)
    return reachProject(call, call.params.id, how === 'admin' ? managing.project : reading.project)
  },
})

export const protectionRuleRoutes = [
  list({
    summary: "A project's package protection rules",
    rows: ({ core }, project) => protectionRulesOf(core.database.read, project.id),
    json: ruleJson,
  }),
  create({
    summary: 'Protect the packages whose names match a pattern',
    body: { package_name_pattern: pattern, package_type: formatId, ...protection },
    async run(call, project) {
      const { package_name_pattern: wanted, package_type: format } = call.body
      const nothing = { push_level: null, delete_level: null, only_by: null }
      const known = { pattern: wanted, format: knownFormat(call, 'package_type', format) }
      return ruleJson(
        await addProtection(call, project, { ...nothing, ...protectionOf(call.body), ...known }),
      )
    },
  }),
  change({
    method: 'PATCH',
    summary: 'Change a package protection rule; what is left out stays',
    body: { package_name_pattern: pattern.optional(), package_type: formatId.optional(), ...protection },
    async run(call, project, id) {
      const { package_name_pattern: wanted, package_type: type } = call.body
      const format = type === undefined ? undefined : knownFormat(call, 'package_type', type)
      const wish = { ...protectionOf(call.body), ...given({ pattern: wanted, format }) }
      return ruleJson(await changeProtection(call, project, id, wish))
    },
  }),
  remove({ summary: 'Drop a package protection rule', run: dropProtection }),
]
