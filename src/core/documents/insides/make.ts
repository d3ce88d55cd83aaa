/** Makes the indexes of insides of one view of a set: reads the files that were not read yet, and joins what all have. */
import type { InsideIndexRow } from '../../../database/schema.ts'
import type { Format, InsidesRule } from '../../../formats/format.ts'
import { indexView } from '../../indexes/index-view.ts'
import type { Resource } from '../../access/authorize.ts'
import type { Core } from '../../core.ts'
import {
  findInsideIndex,
  keepInsideLists,
  projectsOfInsideIndex,
  type StoredList,
} from '../../records/inside-indexes.ts'
import { findIndexSettings } from '../../records/index-settings.ts'
import { placeOfColumns, type PlaceOf } from '../../records/places.ts'
import { resolveGroup, resolveProject } from '../../registry/resolve.ts'
import type { Source } from '../../registry/source.ts'
import { sourceAt } from '../../registry/source-at.ts'
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
  const place = placeOfColumns(row)
  const at = { place, format: row.format, rule: row.rule }
  const settings = await findIndexSettings(core.database.read, at, row.key)
  if (!document.insides.isWanted(settings && indexView(format, settings).settings)) return undefined
  const generation = await core.freshness.current()
  const level = await levelAt(core, generation, place)
  return level && { format, rule: document.insides, source: sourceAt(core, generation, level, format) }
}

/** Undefined: the group or project is gone. */
async function levelAt(core: Core, generation: number, place: PlaceOf): Promise<Resource | undefined> {
  if (place === 'instance') return { kind: 'instance' }
  if ('groupId' in place) {
    const group = await resolveGroup(core, generation, String(place.groupId))
    return group && { kind: 'group', group }
  }
  const project = await resolveProject(core, generation, String(place.projectId))
  return project && { kind: 'project', project }
}
