import { z } from 'zod'
import { deleteFileById, restoreFileById } from '../core/publish/by-id.ts'
import { fileList } from '../core/records/package-lists.ts'
import { mapPage, readPage } from '../core/records/pages.ts'
import { numberId, pathId, sort, time, timeOf } from './parameters.ts'
import { reachPackage, requirePackages, unmodifiedSince } from './reach-package.ts'
import { reachProject } from './reach.ts'
import { listRoute, route } from './route.ts'

const tag = 'Packages'
const params = { id: pathId, package_id: numberId }

const file = z
  .strictObject({
    id: z.int(),
    package_id: z.int(),
    created_at: time,
    file_name: z.string(),
    size: z.int(),
    file_md5: z.string().nullable(),
    file_sha1: z.string().nullable(),
    file_sha256: z.string(),
  })
  .meta({ id: 'PackageFile' })

const list = listRoute({
  method: 'GET',
  path: '/projects/:id/packages/:package_id/package_files',
  summary: "A package's files; removed ones for those who may restore them",
  tag,
  needs: 'read',
  forJobs: true,
  params,
  query: {
    order_by: z.enum(['id', 'created_at', 'file_name']).default('id'),
    sort: sort.default('asc'),
    status: z.enum(['default', 'pending_destruction']).default('default'),
  },
  item: file,
  async run(call, window) {
    const { order_by: order, sort: direction, status } = call.query
    const isRemoved = status === 'pending_destruction'
    const { pkg } = await reachPackage(call, isRemoved ? 'pending_destruction' : undefined)
    const db = call.core.database.read
    const page = await readPage(db, fileList(db, pkg.id, isRemoved, order, direction), window)
    return mapPage(page, (row) => ({
      id: row.id,
      package_id: row.package_id,
      created_at: timeOf(row.created_at),
      file_name: row.path.slice(row.path.lastIndexOf('/') + 1),
      size: row.size,
      file_md5: row.md5,
      file_sha1: row.sha1,
      file_sha256: row.sha256,
    }))
  },
})

const remove = route({
  method: 'DELETE',
  path: '/projects/:id/packages/:package_id/package_files/:package_file_id',
  summary: 'Remove a file; its package goes with its last file',
  tag,
  needs: 'write',
  forJobs: true,
  params: { ...params, package_file_id: numberId },
  async run(call) {
    requirePackages(call)
    const { id, package_id: packageId, package_file_id: fileId } = call.params
    const project = await reachProject(call, id, 'read_packages')
    await deleteFileById(call, project, packageId, fileId, { unmodifiedSince: unmodifiedSince(call) })
  },
})

const restore = route({
  method: 'POST',
  path: '/projects/:id/packages/:package_id/package_files/:package_file_id/restore',
  summary: 'Bring a removed file back',
  tag,
  needs: 'write',
  params: { ...params, package_file_id: numberId },
  response: z.strictObject({ message: z.string() }),
  async run(call) {
    requirePackages(call)
    const { id, package_id: packageId, package_file_id: fileId } = call.params
    const project = await reachProject(call, id, 'read_packages')
    await restoreFileById(call, project, packageId, fileId)
    return { message: '201 Created' }
  },
})

export const packageFileRoutes = [list, remove, restore]
