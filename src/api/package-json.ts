import { z } from 'zod'
import { mayDelete } from '../core/access/deletes.ts'
import type { Acting } from '../core/owners/acting.ts'
import { tagsOfPackages, type ListedPackage, type OtherVersion } from '../core/records/package-lists.ts'
import { listed } from '../core/records/packages.ts'
import { findProjects } from '../core/records/projects.ts'
import type { ProjectRow } from '../database/schema.ts'
import { time, timeOf, timeOrNull } from './parameters.ts'

const basic = {
  id: z.int(),
  version: z.string(),
  created_at: time,
  tags: z.array(z.string()),
  pipelines: z.array(z.never()).describe('always empty'),
}
export const packageSchema = z
  .strictObject({
    ...basic,
    name: z.string(),
    package_type: z.string(),
    status: z.enum(['default', 'deprecated', 'hidden', 'processing', 'error', 'pending_destruction']),
    status_message: z.string().optional().describe('what is wrong, or why it is deprecated'),
    _links: z.strictObject({
      web_path: z.string().optional(),
      delete_api_path: z.string().optional().describe('for those who may delete'),
    }),
    last_downloaded_at: time.nullable(),
    creator_id: z.int().nullable(),
  })
  .meta({ id: 'Package' })
export const groupPackageSchema = z
  .strictObject({ ...packageSchema.shape, project_id: z.int(), project_path: z.string() })
  .meta({ id: 'GroupPackage' })
export const onePackageSchema = z
  .strictObject({ ...packageSchema.shape, versions: z.array(z.strictObject(basic)) })
  .meta({ id: 'PackageWithVersions' })
type PackageJson = z.input<typeof packageSchema>

/** Packages as the API shows them to this caller, in a constant number of queries. */
export async function packagesJson(acting: Acting, rows: readonly ListedPackage[]): Promise<PackageJson[]> {
  const db = acting.core.database.read
  const ids = rows.map((row) => row.id)
  const tags = await tagsOfPackages(db, ids)
  const found = await findProjects(db, [...new Set(rows.map((row) => row.project_id))])
  const projects = new Map(found.map((project) => [project.id, project]))
  const all: PackageJson[] = []
  for (const row of rows) {
    const project = projects.get(row.project_id)
    if (project) all.push(await toJson(acting, row, project, tags.get(row.id) ?? []))
  }
  return all
}

/** The lines of `versions`. */
export function basicJson({ id, version, created_at: at, tags }: OtherVersion) {
  return { id, version, created_at: timeOf(at), tags: [...tags], pipelines: [] }
}

async function toJson(
  { core, generation, principal }: Acting,
  row: ListedPackage,
  project: ProjectRow,
  tags: readonly string[],
): Promise<PackageJson> {
  const { publicUrl } = core.config
  const isDeletable =
    row.status !== 'pending_destruction' && (await mayDelete(core, generation, principal, project, row))
  const subPath = new URL(publicUrl).pathname.replace(/\/$/, '')
  const { id, version, ...rest } = basicJson({ ...row, tags })
  return {
    id,
    name: row.name,
    version,
    package_type: row.format,
    status: row.status,
    ...(row.status_message === null ? {} : { status_message: row.status_message }),
    _links: {
      ...(listed.includes(row.status)
        ? { web_path: `${subPath}/${project.full_path}/-/packages/${row.id}` }
        : {}),
      ...(isDeletable
        ? { delete_api_path: `${publicUrl}/api/v4/projects/${project.id}/packages/${row.id}` }
        : {}),
    },
    ...rest,
    last_downloaded_at: timeOrNull(row.last_downloaded_at),
    creator_id: row.creator_id,
  }
}
