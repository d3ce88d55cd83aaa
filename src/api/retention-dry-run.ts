import { z } from 'zod'
import { memberOf } from '../core/owners/members.ts'
import { dryRun, type Foreseen, type Place } from '../core/retention/dry-run.ts'
import { flag, pathId, time, timeOf, timeOrNull } from './parameters.ts'
import type { What } from './reach-owned.ts'
import { reachRetention } from './retention-rules.ts'
import { route, type Route } from './route.ts'
import { badParameter } from './validation.ts'

const foreseen = z.strictObject({
  package_id: z.int(),
  project_id: z.int(),
  project_path: z.string(),
  package_type: z.string(),
  name: z.string(),
  version: z.string(),
  created_at: time,
  last_downloaded_at: time.nullable(),
  action: z.enum(['remove', 'remove_files', 'keep']),
  reason: z.string(),
  rule: z
    .strictObject({ id: z.int(), name: z.string(), enabled: z.boolean() })
    .nullable()
    .describe('null: no rule is about it'),
  files: z.array(z.string()).describe('of remove_files: what goes, while the package stays'),
})
const answer = z
  .strictObject({
    packages: z.array(foreseen),
    next_cursor: z
      .string()
      .nullable()
      .describe('null: this was the last page; a page before it may be short'),
  })
  .meta({ id: 'RetentionDryRun' })

function foreseenJson({ version, goes, rule, reason, files, judged }: Foreseen): z.input<typeof foreseen> {
  const { project } = judged.retention
  const isPruned = files.length > 0
  return {
    package_id: version.id,
    project_id: project.id,
    project_path: project.full_path,
    package_type: judged.format.id,
    name: judged.name.name,
    version: version.version,
    created_at: timeOf(version.created_at),
    last_downloaded_at: timeOrNull(version.last_downloaded_at),
    action: goes ? 'remove' : isPruned ? 'remove_files' : 'keep',
    reason: isPruned ? `its files: not among the ${judged.retention.builds} newest builds` : reason,
    rule: rule ? { id: rule.id, name: rule.name, enabled: rule.enabled === 1 } : null,
    files: [...files],
  }
}

const cursorOf = ({ nameId, packageId }: Place) => Buffer.from(`${nameId}:${packageId}`).toString('base64url')

function placeOf(cursor: string): Place {
  const [, nameId, packageId] =
    /^(\d{1,15}):(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? []
  if (nameId === undefined) throw badParameter('cursor is invalid')
  return { nameId: Number(nameId), packageId: Number(packageId) }
}

const query = {
  per_page: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().max(100).optional().describe('next_cursor of the page before'),
  keeping: flag.default(false).describe('what stays, and why, too'),
  enabled_only: flag.default(false).describe('leave out rules that are switched off'),
}

const routeOf = (what: What): Route =>
  route({
    method: 'GET',
    path: `/${what}s/:id/packages/retention/dry_run`,
    summary:
      what === 'project'
        ? 'What retention would remove from a project now, by which rule and why; changes nothing'
        : 'What retention would remove below a group now, by which rule and why; changes nothing',
    tag: 'Retention',
    needs: 'read',
    params: { id: pathId },
    query,
    response: answer,
    async run(call) {
      const { per_page: limit, cursor, keeping, enabled_only: enabledOnly } = call.query
      const owned = await reachRetention(call, what, what === 'group' ? 'review' : 'read')
      const page = await dryRun(call.core, {
        of: memberOf(owned),
        limit,
        after: cursor === undefined ? undefined : placeOf(cursor),
        goingOnly: !keeping,
        tryAll: !enabledOnly,
      })
      return {
        packages: page.foreseen.map(foreseenJson),
        next_cursor: page.next ? cursorOf(page.next) : null,
      }
    },
  })

export const retentionDryRunRoutes = [routeOf('project'), routeOf('group')]
