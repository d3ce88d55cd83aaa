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
