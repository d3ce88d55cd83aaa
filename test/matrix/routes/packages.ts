import type { Case, Context } from '../case.ts'
import type { Place } from '../place.ts'

const at = ({ project }: Place) => `/projects/${project.id}/packages`
const one = (place: Place) => `${at(place)}/${place.packageId}`
const removed = (place: Place) => `${at(place)}/${place.removedPackageId}`
const path = '/projects/:id/packages'

/** Somebody published the package, this long ago. */
const published = (ms: number, by: 'caller' | 'administrator' = 'caller') => ({
  prepare: async ({ place, who, core }: Context) => {
    const creator = by === 'caller' ? (who.userId ?? null) : place.rootId
    const own = { creator_id: creator, created_at: core.clock() - ms }
    await core.database.write((db) =>
      db.updateTable('packages').set(own).where('id', '=', place.packageId).execute(),
    )
  },
})

/** A number of another project's package is none of this one's, whatever the caller may do in either. */
const foreign: readonly Case[] = [
  {
    route: `GET ${path}/:package_id`,
    may: 'nobody',
    request: (place) => ({ path: `${at(place)}/${place.siblingFiles.packageId}` }),
    shows: () => '"rest"',
  },
  {
    route: `DELETE ${path}/:package_id`,
    may: 'nobody',
    request: (place) => ({ path: `${at(place)}/${place.siblingFiles.packageId}` }),
  },
  {
    route: `GET ${path}/:package_id/package_files`,
    may: 'nobody',
    request: (place) => ({ path: `${at(place)}/${place.siblingFiles.packageId}/package_files` }),
  },
  {
    route: `GET ${path}/:package_id/downloads`,
    may: 'nobody',
    request: (place) => ({ path: `${at(place)}/${place.siblingFiles.packageId}/downloads` }),
  },
  {
    route: `DELETE ${path}/:package_id/package_files/:package_file_id`,
    may: 'nobody',
    request: (place) => ({ path: `${one(place)}/package_files/${place.siblingFiles.fileId}` }),
  },
]

export const packageCases: readonly Case[] = [
  ...foreign,
  {
    route: `GET ${path}`,
    may: 'read_packages',
    forJobs: true,
    request: (place) => ({ path: at(place) }),
    shows: () => '"rest"',
  },
  {
    route: `GET ${path}`,
    first: 'read',
    may: 'delete',
    request: (place) => ({ path: `${at(place)}?status=pending_destruction` }),
    forJobs: true,
    shows: () => '"rest"',
  },
  {
    route: 'GET /groups/:id/packages',
    first: 'group',
    may: 'read_packages',
    forJobs: true,
    isList: true,
    request: ({ group }) => ({ path: `/groups/${group.id}/packages` }),
    shows: ({ project }) => `"${project.path}"`,
  },
  {
    route: `GET ${path}/:package_id`,
    may: 'read_packages',
    forJobs: true,
    request: (place) => ({ path: one(place) }),
    shows: () => '"rest"',
  },
  {
    route: `GET ${path}/:package_id`,
    first: 'read',
    may: 'delete',
    forJobs: true,
    request: (place) => ({ path: `${removed(place)}?status=pending_destruction` }),
    shows: () => '"rest"',
  },
  {
    route: `DELETE ${path}/:package_id`,
    may: 'delete',
    forJobs: true,
    request: (place) => ({ path: one(place) }),
    changes: 'packages',
  },
  {
    route: `DELETE ${path}/:package_id`,
    may: 'delete',
    forJobs: true,
    request: (place) => ({ path: `${one(place)}?purge=true` }),
    changes: 'packages',
  },
  {
    route: `DELETE ${path}/:package_id`,
    may: 'delete_own',
    isOwnersOnly: true,
    forJobs: true,
    ...published(60_000),
    request: (place) => ({ path: one(place) }),
    changes: 'packages',
  },
  {
    route: `DELETE ${path}/:package_id`,
    may: 'delete',
    forJobs: true,
    ...published(3_660_000),
    request: (place) => ({ path: one(place) }),
    changes: 'packages',
  },
  {
    route: `DELETE ${path}/:package_id`,
    may: 'delete',
    forJobs: true,
    ...published(60_000, 'administrator'),
    request: (place) => ({ path: one(place) }),
    changes: 'packages',
  },
  {
    route: `POST ${path}/:package_id/restore`,
    may: 'delete',
    request: (place) => ({ path: `${removed(place)}/restore`, body: {} }),
    changes: 'packages',
  },
  {
    route: `GET ${path}/:package_id/package_files`,
    may: 'read_packages',
    forJobs: true,
    request: (place) => ({ path: `${one(place)}/package_files` }),
    shows: ({ sha256 }) => sha256,
  },
  {
    route: `GET ${path}/:package_id/downloads`,
    may: 'read_packages',
    forJobs: true,
    request: (place) => ({ path: `${one(place)}/downloads` }),
    shows: () => '"total"',
  },
  {
    route: `DELETE ${path}/:package_id/package_files/:package_file_id`,
    may: 'delete',
    forJobs: true,
    request: (place) => ({ path: `${one(place)}/package_files/${place.fileId}` }),
    changes: 'files',
  },
  {
    route: `POST ${path}/:package_id/package_files/:package_file_id/restore`,
    may: 'delete',
    request: (place) => ({ path: `${one(place)}/package_files/${place.removedFileId}/restore`, body: {} }),
    changes: 'files',
  },
]
