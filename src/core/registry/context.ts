import type { Format } from '../../formats/format.ts'
import type { Principal } from '../access/principal.ts'
import type { Core } from '../core.ts'
import type { Origin } from '../records/events.ts'
import type { Source } from './source.ts'

/** One format at one level as one caller sees it, for the length of one request. */
export interface RegistryContext {
  readonly core: Core
  readonly format: Format<any>
  readonly source: Source
  readonly principal: Principal
  readonly origin: Origin
  /** The freshness this request was given; renewed by its own writes. */
  readonly generation: () => number
  readonly renew: () => Promise<void>
}
