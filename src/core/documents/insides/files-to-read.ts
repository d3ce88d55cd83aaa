import type { InsideIndexRow } from '../../../database/schema.ts'
import type { InsidesRule } from '../../../formats/format.ts'
import { turn } from '../../../lib/turn.ts'
import { sourceOf } from '../../bytes/stored-blob.ts'
import { inBatches } from '../../records/batches.ts'
import { namedPackages } from '../../records/packages.ts'
import { tellOf } from '../../registry/names.ts'
import { filesByPackage, viewsOf } from '../../registry/views.ts'
import { shownEntries, type SeenRegistry } from '../entries.ts'

/** A stored file that adds to a list. */
export interface FileToRead {
  readonly blobId: number
  readonly path: string
  readonly sha256: string
  readonly size: number
}

/** Packages looked at at once. */
const atOnce = 250

/** The files that add to the lists of a key, of the packages that the registry shows there. */
export async function filesToRead(
  registry: SeenRegistry,
  { rule: ruleName, key }: Pick<InsideIndexRow, 'rule' | 'key'>,
  rule: InsidesRule<any>,
): Promise<ReadonlyMap<string, readonly FileToRead[]>> {
  const { core, format, projects } = registry
  const { scan } = core.database
  const ids = new Set((await projects.execute()).map((row) => row.id))
  const shown = await shownEntries(registry, ruleName, key, ids)
  const packageIds = [...new Set(shown.map(({ packageId }) => packageId))]
  const lists = new Map<string, FileToRead[]>()
  for (const some of inBatches(packageIds, atOnce)) {
    const packages = await namedPackages(scan, some)
    const files = await filesByPackage(
      scan,
      packages.map(({ row }) => row),
    )
    for (const { name, row } of packages) {
      const [view] = viewsOf(format, { name }, { rows: [row], files }, tellOf(registry))
      for (const found of view ? rule.files(view) : []) {
        const source = sourceOf(found.file.blob)
        if (found.key !== key || source?.kind !== 'row') continue
        const { path, size, blob } = found.file
        const list = lists.get(found.list) ?? []
        lists.set(found.list, list)
        list.push({ blobId: source.id, path, size, sha256: blob.sha256 })
      }
    }
    await turn()
  }
  return lists
}
