import type { NameRow, PackageRow, PackageStatus, ProjectRow } from '../../database/schema.ts'
import type { FileView, NameView, PackageView, RegistryReader } from '../../formats/format.ts'
import { Problem } from '../../lib/problem.ts'
import { authorize } from '../access/authorize.ts'
import { anonymous } from '../access/principal.ts'
import { fetchable, findPackage, findPackageById } from '../records/packages.ts'
import { filesOfPackages, findLiveFiles } from '../records/files.ts'
import { findProject } from '../records/projects.ts'
import type { RegistryContext } from './context.ts'
import { searchNames } from './search.ts'
import { fileView, loadName, packageView } from './views.ts'

/** The reading half of a registry: it has no verb that writes. */
export async function createReader(context: RegistryContext): Promise<RegistryReader<any>> {
  const isOpen = await readableByAnyone(context)
  return {
    level: context.source.level,
    anonymous: isOpen,
    find: (name) => find(context, name),
    get: (name, versionOrTag) => get(context, name, versionOrTag, fetchable),
    file: (path) => file(context, path),
    search: (query, page) => searchNames(context, query, page),
  }
}

async function readableByAnyone({ core, generation, source }: RegistryContext): Promise<boolean> {
  const gathered = await source.gathered()
  if (gathered.kind === 'groups') return core.config.access.anonymous
  const resource = { kind: 'project', project: gathered.project } as const
  return (await authorize(core, generation(), anonymous, 'read_packages', resource)) === 'allowed'
}

/** The name's row, if the caller may read the project that owns it. */
export async function readableName(context: RegistryContext, name: string): Promise<NameRow | undefined> {
  const key = normalizedOrNothing(() => context.format.names.normalize(name))
  if (key === undefined) return undefined
  const row = await context.source.owner(key)
  return row && (await mayRead(context, row.project_id)) ? row : undefined
}

async function mayRead(context: RegistryContext, projectId: number): Promise<boolean> {
  const { core, generation, principal } = context
  const project = await keptProject(context, projectId)
  if (!project) return false
  return (
    (await authorize(core, generation(), principal, 'read_packages', { kind: 'project', project })) ===
    'allowed'
  )
}

function keptProject({ core, generation }: RegistryContext, id: number): Promise<ProjectRow | undefined> {
  return core.kept.get(`project/${id}`, generation(), () => findProject(core.database.read, id))
}

async function find(context: RegistryContext, name: string): Promise<NameView<any> | undefined> {
  const row = await readableName(context, name)
  return row && loadedName(context, row)
}

/** Everything listed under a name. */
export function loadedName({ core, format }: RegistryContext, row: NameRow): Promise<NameView<any>> {
  return core.database.snapshot((db) =>
    loadName(db, format, row, (pkg, error) =>
      core.log.error(
        { package: pkg.id, err: error },
        'a package no longer decodes and is left out of documents',
      ),
    ),
  )
}

/** One version, by its number or a tag, if it has one of these statuses. */
export async function get(
  context: RegistryContext,
  name: string,
  versionOrTag: string,
  statuses: readonly PackageStatus[],
): Promise<PackageView<any> | undefined> {
  const { core, format } = context
  const row = await readableName(context, name)
  if (!row) return undefined
  return core.database.snapshot(async (db) => {
    const version = normalizedOrNothing(() => format.versions.normalize(versionOrTag))
    let pkg: PackageRow | undefined
    if (version !== undefined) pkg = await findPackage(db, row.id, version)
    if (!pkg) {
      const tagged = await db
        .selectFrom('tags')
        .select('package_id')
        .where('name_id', '=', row.id)
        .where('tag', '=', versionOrTag)
        .executeTakeFirst()
      pkg = tagged && (await findPackageById(db, tagged.package_id))
    }
    if (!pkg || !statuses.includes(pkg.status)) return undefined
    return packageView(format, row.name, pkg, await filesOfPackages(db, [pkg.id]))
  })
}

async function file(context: RegistryContext, path: string): Promise<FileView<any> | undefined> {
  const { core, source, format, generation } = context
  const found = await core.kept.get(`file/${format.id}/${source.key}/${path}`, generation(), () =>
    findFile(context, path, fetchable),
  )
  return found && (await mayRead(context, found.projectId)) ? found.file : undefined
}

/** The file that stands under this path here, whoever may read it. */
export async function findFile(context: RegistryContext, path: string, statuses: readonly PackageStatus[]) {
  const { core, source, format } = context
  const gathered = await source.gathered()
  const at = gathered.kind === 'project' ? { projectId: gathered.project.id } : {}
  const candidates = await findLiveFiles(core.database.read, { format: format.id, path, ...at })
  for (const candidate of candidates) {
    const pkg = await findPackageById(core.database.read, candidate.package_id)
    if (!pkg || !statuses.includes(pkg.status)) continue
    const name = await core.database.read
      .selectFrom('names')
      .selectAll()
      .where('id', '=', pkg.name_id)
      .executeTakeFirstOrThrow()
    const owner = await source.owner(name.key)
    if (owner?.id !== name.id) continue
    return { projectId: pkg.project_id, file: fileView(format, name.name, pkg.version, candidate) }
  }
  return undefined
}

/** What a client looks up may be no name or version at all: then there is nothing under it. */
function normalizedOrNothing(normalize: () => string): string | undefined {
  try {
    return normalize()
  } catch (error) {
    if (error instanceof Problem) return undefined
    throw error
  }
}
