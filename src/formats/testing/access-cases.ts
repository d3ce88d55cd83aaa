/** How each route of a format is called validly, and what that needs: written by hand, for the access matrix. */
import type { Level } from '../format.ts'
import type { ClientRequest } from './samples.ts'

/** What stands in a project: the package name, published as `FormatCases.publish` does. */
export interface Published {
  readonly name: string
  /** The name's revision, as clients send it back. */
  readonly revision: string
}

export interface FormatCase {
  /** Method and path of the route, exactly as in the format: `GET /:path+`. */
  readonly route: string
  /**
   * What a caller must be allowed to. `nothing`: anybody. `token`: anybody who presents a valid token. On routes that
   * read above a project, those who may not read find nothing.
   */
  readonly may: 'nothing' | 'token' | 'read_packages' | 'publish' | 'delete_own' | 'delete'
  /** Default: what the protocol says of success, 2xx. */
  readonly status?: number
  /** Where it is tried; left out: everywhere. */
  readonly levels?: readonly Level[]
  /** The answer is a list: everybody gets one, those who may not read without `shows`. */
  readonly isList?: boolean
  request(published: Published): ClientRequest
  /** Of a reading route: what only those who may read get. It must not stand in the request. */
  readonly shows?: string | Uint8Array | ((published: Published) => string)
  /** Of a writing route: a table in which it changes rows. */
  readonly changes?: string
}

export interface FormatCases {
  /** A name that instance level serves from `project`, which stands in `group`. */
  name(owner: { readonly group: string; readonly project: string }): string
  /** What its client sends to publish what the cases count on. */
  publish(name: string): readonly ClientRequest[]
  /** What owners then set in the project, as fields of the format's `indexSettings`. */
  settings?(name: string): Readonly<Record<string, unknown>>
  readonly cases: readonly FormatCase[]
}
