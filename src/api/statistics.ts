/** How much is stored, beside a project or a group, in GitLab's words. */
import { z } from 'zod'
import { authorize, demand } from '../core/access/authorize.ts'
import type { Acting } from '../core/owners/acting.ts'
import { usageBelow, usageOf } from '../core/records/usage.ts'
import type { GroupRow, ProjectRow } from '../database/schema.ts'
import { flag } from './parameters.ts'

const statisticsSchema = z
  .strictObject({
    storage_size: z.int().describe('bytes of everything'),
    packages_size: z
      .int()
      .describe('bytes of the files of all packages, removed ones that can be restored included'),
    packages_size_limit: z.int().nullable().describe('the most they may be; null: no limit'),
  })
  .meta({ id: 'Statistics' })
export type StatisticsJson = z.input<typeof statisticsSchema>

/** What is added to the schema of a project or group. */
export const withStatistics = { statistics: statisticsSchema.optional() }
/** The query parameter that asks for it. */
export const statisticsParameter = {
  statistics: flag.default(false).describe('whether to add how much is stored, if the caller may know'),
}
/** The attribute that administrators change. */
export const quotaParameter = {
  packages_size_limit: z
    .int()
    .min(0)
    .nullish()
    .describe('bytes that the files of packages may have, null for any number; administrators only'),
}

/** Throws 401 or 403 if a quota is to be set by somebody who is no administrator, whatever stands there. */
export async function demandQuota(
  { core, generation, principal }: Acting,
  { packages_size_limit: limit }: { readonly packages_size_limit?: number | null | undefined },
): Promise<void> {
  if (limit !== undefined) await demand(core, generation, principal, 'admin_instance', { kind: 'instance' })
}

/** For whoever may read the project's packages; nothing for others. */
export async function projectStatistics(
  { core, generation, principal }: Acting,
  project: ProjectRow,
): Promise<{ statistics?: StatisticsJson }> {
  const resource = { kind: 'project', project } as const
  if ((await authorize(core, generation, principal, 'read_packages', resource)) !== 'allowed') return {}
  return statistics(await usageOf(core.database.read, project), project.packages_size_limit)
}

/** For the group's owners; nothing for others. */
export async function groupStatistics(
  { core, generation, principal }: Acting,
  group: GroupRow,
): Promise<{ statistics?: StatisticsJson }> {
  const resource = { kind: 'group', group } as const
  if ((await authorize(core, generation, principal, 'review_group', resource)) !== 'allowed') return {}
  return statistics(await usageBelow(core.database.read, group.id), group.packages_size_limit)
}

const statistics = (bytes: number, limit: number | null) => ({
  statistics: { storage_size: bytes, packages_size: bytes, packages_size_limit: limit },
})
