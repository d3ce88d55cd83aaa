/** One way to call a REST or web route validly: by hand, for every route at least one. */
import type { Core } from '../../src/core/core.ts'
import type { Permission } from './expected.ts'
import type { Place } from './place.ts'
import type { Principal } from './principals.ts'

export interface Case {
  /** Method and path of the route, exactly as in the program: `GET /projects/:id`. */
  readonly route: string
  /**
   * What the caller must be allowed to. `nothing`: anybody; `token`: who presents a valid token; `person`: somebody;
   * `nobody`: what must never work.
   */
  readonly may: Permission | 'nothing' | 'token' | 'person' | 'nobody'
  /** What `may` is asked on. Default: the project. */
  readonly on?: 'project' | 'group' | 'below'
  /** Job tokens are let in as far as their role goes. */
  readonly forJobs?: boolean
  /** Machines own nothing: where who made something may do more, they may not. */
  readonly isOwnersOnly?: boolean
  /** A machine that has the role is refused all the same. */
  readonly isForPeople?: boolean
  /** What must be passed before. */
  readonly first?: 'somebody' | 'find' | 'find below' | 'find, as a person' | 'person' | 'group' | 'read'
  /** Whose refusal reads as if there were nothing. */
  readonly isSecret?: boolean
  /** The answer is a list: who passes `first` gets one, those who may not without `shows`. */
  readonly isList?: boolean
  /** On the web: success leads to another page for some. */
  readonly isRedirecting?: boolean
  /** That there is something is no secret any more when `may` is asked. */
  readonly isKnown?: boolean
  /** Default: 2xx, on the web 303 for forms too. */
  readonly status?: number
  /** Default: reads want a scope for reading REST, all else one for writing. */
  readonly scope?: 'read' | 'write' | 'none'
  /** Makes what this call needs, before every call; undone after it. */
  prepare?(context: Context): Promise<void>
  request(place: Place, who: Principal): Request
  /** What only those who are let in get to read. It must not stand in the request. */
  shows?(place: Place): string
  /** A table in which those who are let in change rows. */
  readonly changes?: string
}

export interface Context {
  readonly place: Place
  readonly who: Principal
  readonly core: Core
}

interface Request {
  /** Below `/api/v4` for REST; a whole path for the web. */
  readonly path: string
  /** Sent as JSON to REST, as a form to the web. */
  readonly body?: Readonly<Record<string, unknown>>
}
