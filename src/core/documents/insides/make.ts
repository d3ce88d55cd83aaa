/** Makes the indexes of insides of one view of a set: reads the files that were not read yet, and joins what all have. */
import type { InsideIndexRow } from '../../../database/schema.ts'
import type { Format, InsidesRule } from '../../../formats/format.ts'
import { indexView } from '../../indexes/index-view.ts'
import type { Core } from '../../core.ts'
import {
  findInsideIndex,
  keepInsideLists,
  projectsOfInsideIndex,
  type StoredList,
} from '../../records/inside-indexes.ts'
import { findIndexSettings } from '../../records/index-settings.ts'
import type { PlaceOf } from '../../records/places.ts'
import { resolveGroup, resolveProject } from '../../registry/resolve.ts'
import { groupSource } from '../../registry/group-source.ts'
import { instanceSource } from '../../registry/instance-source.ts'
import { projectSource } from '../../registry/project-source.ts'
import type { Source } from '../../registry/source.ts'
import { indexStamp } from '../entries.ts'
import { filesToRead } from './files-to-read.ts'
import { joinInsides } from './join-insides.ts'
import { readFiles } from './read-files.ts'

/** `id`: of the row that wants them. Does nothing where nobody wants them any more, or they are as new as can be. */
export async function makeInsides(core: Core, id: number, signal: AbortSignal): Promise<void> {
  const row = await findInsideIndex(core.database.read, id)
  const wanted = row && (await wantedBy(core, row))
  if (!wanted) return
  const { format, rule, source } = wanted
  const what = { format: format.id, rule: row.rule }
  const registry = { core, format, source, projects: projectsOfInsideIndex(core.database.read, id) }
  // Before the entries are read: what comes meanwhile makes the next stamp another one.
  const { stamp } = await indexStamp(registry, row.rule, row.key)
  if (stamp === row.stamp) return
  const files = await filesToRead(registry, row, rule)
  await readFiles(core, what, [...files.values()].flat(), signal)
  const lists: StoredList[] = []
  for (const list of [...files.keys()].sort()) {
    const blobIds = files.get(list)!.map(({ blobId }) => blobId)
    const joined = await joinInsides(core, what, { list, blobIds, line: rule.line, signal })
    if (joined) lists.push(joined)
  }
  signal.throwIfAborted()
  await core.database.write((db) => keepInsideLists(db, id, { stamp, lists, now: core.clock() }), {
    beside: [`insides/${id}`],
  })
}

interface Wanted {
  readonly format: Format<any>
  readonly rule: InsidesRule<any>
  readonly source: Source
}

async function wantedBy(core: Core, row: InsideIndexRow): Promise<Wanted | undefined> {
  const format = core.formats.get(row.format)
  const document = format?.documents?.[row.rule]
  if (!format || document?.of !== 'set' || !document.insides) return undefined
  const place = placeOfRow(row)
  const at = { place, format: row.format, rule: row.rule }
  const settings = await findIndexSettings(core.database.read, at, row.key)
  if (!document.insides.isWanted(settings && indexView(format, settings).settings)) return undefined
  const generation = await core.freshness.current()
  const source = await sourceAt(core, generation, place, format)
  return source && { format, rule: document.insides, source }
}

const placeOfRow = ({ group_id: groupId, project_id: projectId }: InsideIndexRow): PlaceOf =>
  projectId !== null ? { projectId } : groupId !== null ? { groupId } : 'instance'

/** Undefined: its group or project is gone. */
async function sourceAt(
  core: Core,
  generation: number,
  place: PlaceOf,
  format: Format<any>,
): Promise<Source | undefined> {
  const now = () => generation
  if (place === 'instance') return instanceSource(core, now, format)
  const idInUrl = String('groupId' in place ? place.groupId : place.projectId)
  const reached = { formatId: format.id, idInUrl }
  if ('groupId' in place) {
    const group = await resolveGroup(core, generation, idInUrl)
    return group && groupSource(core, now, group, reached)
  }
  const project = await resolveProject(core, generation, idInUrl)
  return project && projectSource(core, now, project, reached)
}
