import type { IncomingMessage } from 'node:http'
import type { Principal } from '../core/access/principal.ts'
import type { Core } from '../core/core.ts'
import type { Origin } from '../core/records/events.ts'
import type { RegistryContext } from '../core/registry/context.ts'
import type { Source } from '../core/registry/source.ts'
import type { Format } from '../formats/format.ts'
import { originOf } from './identify-caller.ts'

/** What `reachLevel` gives, as far as a context is made of it. */
interface Reached {
  source(generation: () => number): Source
}

/** The registry context of one request; only writes ask for the origin. */
export class RequestContext implements RegistryContext {
  readonly core: Core
  readonly format: Format<any>
  readonly principal: Principal
  readonly source: Source
  readonly generation: () => number
  readonly renew: () => Promise<void>
  readonly #req: IncomingMessage

  constructor(
    { core, format, req }: { core: Core; format: Format<any>; req: IncomingMessage },
    principal: Principal,
    reached: Reached,
    generation: number,
  ) {
    let current = generation
    this.core = core
    this.format = format
    this.principal = principal
    this.#req = req
    this.generation = () => current
    this.renew = async () => {
      current = await core.freshness.current()
    }
    this.source = reached.source(this.generation)
  }

  get origin(): Origin {
    return originOf(this.core, this.#req, this.principal)
  }
}
