import type { PackageRow, PackageStatus } from '../../database/schema.ts'
import type { FileView, NameView, PackageView, RegistryReader } from '../../formats/format.ts'
import { authorize } from '../access/authorize.ts'
import { anonymous } from '../access/principal.ts'
import { fetchable, findPackage, findPackageById } from '../records/packages.ts'
import { filesOfPackages, findLiveFiles } from '../records/files.ts'
import type { RegistryContext } from './context.ts'
import { loadedName, mayRead, normalizedOrNothing, readableName } from './names.ts'
import { searchNames } from './search.ts'
import { fileView, packageView } from './views.ts'

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

async function find(context: RegistryContext, name: string): Promise<NameView<any> | undefined> {
  const row = await readableName(context, name)
  return row && loadedName(context, row)
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
