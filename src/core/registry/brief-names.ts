import type { NameView } from '../../formats/format.ts'
import { turn } from '../../lib/turn.ts'
import { newestOfNames, listed, packagesById } from '../records/packages.ts'
import { tagsOfNames } from '../records/tags.ts'
import type { RegistryContext } from './context.ts'
import { loadedName, tellOf } from './names.ts'
import type { Ownership } from './ownership.ts'
import { filesByPackage, head, inOrder, viewsOf } from './views.ts'

/** As many of the packages published last show what a name is, with those that its tags point at. */
const fewPackages = 5
/** Between two turns of the event loop. */
const namesAtOnce = 50

/** Names with the packages that their tags point at and those published last: as many statements as for one. */
export async function briefNames(
  context: RegistryContext,
  found: readonly Ownership[],
): Promise<NameView<any>[]> {
  const views: NameView<any>[] = []
  for (let at = 0; at < found.length; at += namesAtOnce) {
    if (at > 0) await turn()
    views.push(...(await someNames(context, found.slice(at, at + namesAtOnce))))
  }
  return views
}

async function someNames(context: RegistryContext, found: readonly Ownership[]): Promise<NameView<any>[]> {
  const { core, format } = context
  const { read, scan } = core.database
  const ids = found.map(({ owner }) => owner.id)
  const tags = await tagsOfNames(read, ids)
  const wanted = new Set([
    ...(await newestOfNames(scan, ids, listed, fewPackages)),
    ...tags.map((tag) => tag.package_id),
  ])
  const all = await packagesById(read, [...wanted])
  const files = await filesByPackage(read, all)
  const packagesOf = Map.groupBy(all, (row) => row.name_id)
  const views: NameView<any>[] = []
  for (const ownership of found) {
    const { owner, mixed } = ownership
    if (mixed) {
      views.push(await loadedName(context, ownership))
      continue
    }
    const rows = packagesOf.get(owner.id) ?? []
    const packages = viewsOf(format, owner, { rows, files }, tellOf(context))
    const own = tags.filter((tag) => tag.name_id === owner.id).map((tag) => [tag.tag, tag.version] as const)
    views.push({
      ...head(format, owner),
      packages: await inOrder(format, packages),
      tags: Object.fromEntries(own),
      removed: [],
    })
  }
  return views
}
