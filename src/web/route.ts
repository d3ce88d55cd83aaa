/** What a page is to those who serve it: plain data. */
import type { FileView } from '../formats/format.ts'
import type { Html } from './html.ts'
import type { Visit } from './visit.ts'

export interface Page {
  readonly title: string
  readonly main: Html
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** A narrow column in the middle, without navigation: signing in, setting up. */
  readonly narrow?: boolean
}
/** Goes to a page of ours; `session` signs in (its secret) or out (null). */
export interface Redirect {
  readonly redirect: string
  readonly session?: string | null
}
export interface Download {
  readonly file: FileView<any>
}
/** Goes to the OpenID provider; `cookie` is what must come back from there. */
export interface Departure {
  readonly address: string
  readonly cookie: string
}
export type WebReply = Page | Redirect | Download | Departure

export interface WebRoute {
  readonly method: 'GET' | 'POST'
  /** As Fastify takes it. */
  readonly path: string
  /**
   * `anyone`: needs nobody signed in. `readers`: whoever may read anything here. `people`: somebody signed in. Others
   * are sent to the sign-in page.
   */
  readonly for: 'anyone' | 'readers' | 'people'
  run(visit: Visit): Promise<WebReply>
}
