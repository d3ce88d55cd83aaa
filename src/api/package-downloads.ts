import { z } from 'zod'
import { daysKept, downloadsOf } from '../core/records/downloads.ts'
import { numberId, pathId } from './parameters.ts'
import { reachPackage } from './reach-package.ts'
import { route } from './route.ts'

const downloads = z
  .strictObject({
    package_id: z.int(),
    total: z.int().describe('since the package was published'),
    days: z
      .array(z.strictObject({ date: z.string().describe('in UTC'), downloads: z.int() }))
      .describe(`those of the last ${daysKept} days that had any, the newest first`),
  })
  .meta({ id: 'PackageDownloads' })

const counts = route({
  method: 'GET',
  path: '/projects/:id/packages/:package_id/downloads',
  summary: "How often a package's files were downloaded; up to a minute old",
  tag: 'Packages',
  needs: 'read',
  forJobs: true,
  params: { id: pathId, package_id: numberId },
  response: downloads,
  async run(call) {
    const { pkg } = await reachPackage(call, undefined)
    const { total, days } = await downloadsOf(call.core.database.read, pkg.id)
    return {
      package_id: pkg.id,
      total,
      days: days.map(({ day, count }) => ({ date: dateOf(day), downloads: count })),
    }
  },
})

const dateOf = (day: number) => new Date(day * 86_400_000).toISOString().slice(0, 10)

export const packageDownloadRoutes = [counts]
