import type { WriteOptions } from '../../database/database.ts'
import type { ProjectRow } from '../../database/schema.ts'
import type { Format } from '../../formats/format.ts'
import type { Origin } from '../records/events.ts'

/** Where, in which format, by whom and when something is written. */
export interface Writing {
  readonly project: ProjectRow
  readonly format: Format<any>
  readonly origin: Origin
  readonly now: number
}

/**
 * For transactions about these names of a project (normalised) and nothing else. A name is one below its whole
 * top-level group, so that of two projects that publish it first, the one whose row comes first is also committed first.
 */
export function besideOthers(project: ProjectRow, format: string, keys: readonly string[]): WriteOptions {
  return { beside: keys.map((key) => `name/${project.root_id}/${format}/${key}`) }
}
