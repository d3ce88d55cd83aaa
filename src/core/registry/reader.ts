import type { Db } from '../../database/database.ts'
import type { NameRow, PackageStatus } from '../../database/schema.ts'
import type { FileView, NameView, PackageView, RegistryReader } from '../../formats/format.ts'
import { fetchable, findPackage, findPackageById } from '../records/packages.ts'
import { filesOfPackages, findLiveFiles } from '../records/files.ts'
import { findIndex } from '../indexes/index-view.ts'
import { askUpstreams } from '../upstream/ask.ts'
import { upstreamFile } from '../upstream/find-file.ts'
import { isForeign, packageFromUpstream, viewFromUpstream } from '../upstream/from-upstream.ts'
import type { RegistryContext } from './context.ts'
import { answeringIn, holders, mixedFor, type MixedName } from './mixing.ts'
import { mayRead } from './may-read.ts'
import { loadedName, normalizedOrNothing, readableName } from './names.ts'
import { searchNames } from './search.ts'
import { fileView, head, packageView } from './views.ts'

/** The reading half of a registry: it has no verb that writes. What nobody published here may come from upstream. */
export function createReader(context: RegistryContext): RegistryReader<any> {
  const rule = mainRule(context)
  const hosted = createHostedReader(context)
  if (rule === undefined) return hosted
  return {
    ...hosted,
    find: async (name) =>
      (await isForeign(context, name)) ? viewFromUpstream(context, rule, name) : hosted.find(name),
    get: async (name, version) =>
      (await isForeign(context, name))
        ? packageFromUpstream(context, rule, name, version)
        : hosted.get(name, version),
    file: async (path, options) => (await upstreamFile(context, path, options)) ?? hosted.file(path),
  }
}

/** The same of what was published here only. */
export function createHostedReader(context: RegistryContext): RegistryReader<any> {
  return {
    level: context.source.level,
    find: (name) => find(context, name),
    head: async (name) => {
      const found = await readableName(context, name)
      return found && head(context.format, found.owner)
    },
    get: (name, versionOrTag) => get(context, name, versionOrTag, fetchable),
    file: (path) => file(context, path),
    index: (rule, key) => findIndex(context, rule, key),
    search: (query, page) => searchNames(context, query, page),
    ask: (names, question) => askUpstreams(context, names, question),
  }
}

/** The document that tells of a name what there is: the first that is read of upstreams. */
export function mainRule({ format }: RegistryContext): string | undefined {
  if (!format.upstream) return undefined
  const rules = Object.entries(format.documents ?? {})
  return rules.find(([, document]) => document.of === 'name' && document.decode)?.[0]
}

async function find(context: RegistryContext, name: string): Promise<NameView<any> | undefined> {
  const found = await readableName(context, name)
  return found && loadedName(context, found)
}

/** One version, by its number or a tag, if it has one of these statuses. */
export async function get(
  context: RegistryContext,
  name: string,
  versionOrTag: string,
  statuses: readonly PackageStatus[],
): Promise<PackageView<any> | undefined> {
  const { core, format } = context
  const found = await readableName(context, name)
  if (!found) return undefined
  const mixed = found.mixed && (await mixedFor(context, found))
  const version = normalizedOrNothing(() => format.versions.normalize(versionOrTag))
  return core.database.snapshot(async (db) => {
    const pkg =
      (version === undefined ? undefined : await versionOf(db, found.owner, mixed, version)) ??
      (await taggedOf(db, found.owner, mixed, versionOrTag))
    if (!pkg || !statuses.includes(pkg.status)) return undefined
    return packageView(format, found.owner.name, pkg, await filesOfPackages(db, [pkg.id]))
  })
}

async function versionOf(db: Db, owner: NameRow, mixed: MixedName | undefined, versionKey: string) {
  if (!mixed) return findPackage(db, owner.id, versionKey)
  const holder = (await holders(db, mixed.rows)).get(versionKey)
  return holder !== undefined && mixed.readable.has(holder) ? findPackage(db, holder, versionKey) : undefined
}

async function taggedOf(db: Db, owner: NameRow, mixed: MixedName | undefined, tag: string) {
  const tagged = await db
    .selectFrom('tags')
    .select('package_id')
    .where('name_id', '=', owner.id)
    .where('tag', '=', tag)
    .executeTakeFirst()
  const pkg = tagged && (await findPackageById(db, tagged.package_id))
  return pkg && mixed ? versionOf(db, owner, mixed, pkg.version_key) : pkg
}

async function file(context: RegistryContext, path: string): Promise<FileView<any> | undefined> {
  const { core, source, format, generation } = context
  const found = await core.kept.get(`file/${format.id}/${source.key}/${path}`, generation(), () =>
    findFile(context, path, fetchable),
  )
  if (!found) return undefined
  for (const id of found.projectIds) if (!(await mayRead(context, id))) return undefined
  return found.file
}

/** The file that stands under this path here, whoever may read it, and the projects that one must be able to read for it. */
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
    const answering = await answeringIn(source, core.database.read)(name.key, pkg.version_key)
    if (answering?.nameId !== name.id) continue
    const projectIds = [...new Set([answering.owner.project_id, pkg.project_id])]
    return { projectIds, file: fileView(format, name.name, pkg.version, candidate) }
  }
  return undefined
}
