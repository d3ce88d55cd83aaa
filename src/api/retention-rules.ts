/** Rules of groups and projects about which packages leave by themselves. */
import { z } from 'zod'
import { memberOf, type Owned } from '../core/owners/members.ts'
import { retentionRulesOf, type Retention } from '../core/records/retention-rules.ts'
import { addRetentionRule, changeRetentionRule, dropRetentionRule } from '../core/retention/manage.ts'
import type { RetentionRuleRow } from '../database/schema.ts'
import { noun } from './noun.ts'
import { flag, formatId, given, knownFormat, label, time, timeOf } from './parameters.ts'
import { managing, reachOwner, reading, reviewing, type What } from './reach-owned.ts'
import { requirePackages } from './reach-package.ts'
import type { Call, Route } from './route.ts'

const stability = z.enum(['any', 'release', 'prerelease'])
const ageFrom = z.enum(['publication', 'download'])

const rule = z
  .strictObject({
    id: z.int(),
    project_id: z.int().optional(),
    group_id: z.int().optional(),
    name: z.string(),
    enabled: z.boolean(),
    package_type: z.string().nullable(),
    package_name_pattern: z.string(),
    package_version_pattern: z.string(),
    stability,
    keep_n: z.int().nullable(),
    older_than_days: z.int().nullable(),
    age_from: ageFrom,
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'RetentionRule' })

const ruleJson = (row: RetentionRuleRow): z.input<typeof rule> => ({
  id: row.id,
  ...(row.project_id === null ? { group_id: row.group_id! } : { project_id: row.project_id }),
  name: row.name,
  enabled: row.enabled === 1,
  package_type: row.format,
  package_name_pattern: row.name_pattern,
  package_version_pattern: row.version_pattern,
  stability: row.stability,
  keep_n: row.keep_n,
  older_than_days: row.older_than_days,
  age_from: row.age_from,
  created_at: timeOf(row.created_at),
  updated_at: timeOf(row.updated_at),
})

/** The empty text of a form is null. */
const countOrNull = (most: number) =>
  z.union([z.literal('').transform(() => null), z.coerce.number().int().min(1).max(most)]).nullable()

const wish = {
  name: label.optional().describe('stands where it is said why a package went'),
  enabled: flag.optional().describe('default: false, so that a dry run can show first what it would do'),
  package_type: z
    .union([z.literal(''), formatId])
    .nullish()
    .describe('null: every format'),
  package_name_pattern: label.optional().describe('`*` stands for any text; default: `*`'),
  package_version_pattern: label.optional().describe('of versions as lists show them; default: `*`'),
  stability: stability
    .optional()
    .describe('prerelease: alphas, SNAPSHOTs and the like, as the format tells them'),
  keep_n: countOrNull(10_000)
    .optional()
    .describe('so many of the newest releases, and as many prereleases, of each name stay'),
  older_than_days: countOrNull(36_500)
    .optional()
    .describe(
      'younger packages stay; with keep_n too: only what is both older and not among the newest goes',
    ),
  age_from: ageFrom
    .optional()
    .describe('what the age counts from; download: or publication, if that is later'),
}
type Asked = { readonly [K in keyof typeof wish]: z.output<(typeof wish)[K]> }

/** What was given; what was left out is left out. Throws 400 for an unknown format. */
function retentionOf(call: Call<object, object, Asked>): Partial<Retention> {
  const { core, body } = call
  const format = body.package_type || null
  if (format !== null) knownFormat(call, 'package_type', format)
  const spelt = (pattern: string) => (format && core.formats.get(format)?.names.spell?.(pattern)) || pattern
  const { name, enabled, package_name_pattern: names, package_version_pattern: versions } = body
  return given({
    name,
    enabled: enabled === undefined ? undefined : Number(enabled),
    format: body.package_type === undefined ? undefined : format,
    name_pattern: names === undefined ? undefined : spelt(names),
    version_pattern: versions,
    stability: body.stability,
    keep_n: body.keep_n,
    older_than_days: body.older_than_days,
    age_from: body.age_from,
  })
}

const unsaid: Retention = {
  name: 'retention',
  enabled: 0,
  format: null,
  name_pattern: '*',
  version_pattern: '*',
  stability: 'any',
  keep_n: null,
  older_than_days: null,
  age_from: 'publication',
}

/** The group or project whose rules the caller may see (`review`: what stands below it, too) or change. Throws as `reachOwner`. */
export async function reachRetention(
  call: Call<{ readonly id: string }>,
  what: What,
  how: 'read' | 'review' | 'admin',
): Promise<Owned> {
  requirePackages(call)
  return reachOwner(call, what, { read: reading, review: reviewing, admin: managing }[how])
}

function routesOf(what: What): Route[] {
  const { list, create, change, remove } = noun({
    tag: 'Retention',
    path: `/${what}s/:id/packages/retention/rules`,
    number: 'rule_id',
    item: rule,
    reach: (call, how) => reachRetention(call, what, how),
  })
  return [
    list({
      summary: `A ${what}'s rules about which packages leave by themselves`,
      rows: ({ core }, owned) => retentionRulesOf(core.database.read, memberOf(owned)),
      json: ruleJson,
    }),
    create({
      summary:
        'Add a rule about which packages leave by themselves; without keep_n and older_than_days it keeps them',
      body: wish,
      run: async (call, owned) =>
        ruleJson(await addRetentionRule(call, owned, { ...unsaid, ...retentionOf(call) })),
    }),
    change({
      method: 'PATCH',
      summary: 'Change a retention rule; what is left out stays',
      body: wish,
      run: async (call, owned, id) => ruleJson(await changeRetentionRule(call, owned, id, retentionOf(call))),
    }),
    remove({ summary: 'Drop a retention rule', run: dropRetentionRule }),
  ]
}

export const retentionRuleRoutes = [...routesOf('project'), ...routesOf('group')]
