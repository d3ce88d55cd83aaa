import type { Principal } from '../access/principal.ts'
import type { Core } from '../core.ts'
import type { Origin } from '../records/events.ts'

/** Who does something to groups and projects, in which request. */
export interface Acting {
  readonly core: Core
  /** The freshness the request was given. */
  readonly generation: number
  readonly principal: Principal
  readonly origin: Origin
}
