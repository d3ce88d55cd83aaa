/** Single sign-on as the web uses it: out to the provider, and back with a session. */
import type { SsoConfig } from '../../../config/config.ts'
import { Problem } from '../../../lib/problem.ts'
import type { Core } from '../../core.ts'
import type { Origin } from '../../records/events.ts'
import { newFlow, openFlow, sealFlow } from './flow.ts'
import { createProvider } from './provider.ts'
import { signInPerson } from './sign-in.ts'

export interface SingleSignOn {
  /** Completes 'Sign in with ...'. */
  readonly name: string
  /**
   * Where to send the browser, and what its cookie must hold when it comes back. `goal`: the path of ours to go to
   * then; `invitation`: the secret of the link that is being accepted.
   * @throws Problem 502 if the provider cannot be asked.
   */
  begin(goal: string, invitation?: string): Promise<{ readonly address: string; readonly cookie: string }>
  /**
   * Signs in who came back with this query and this cookie.
   * @throws Problem 401 where the two do not belong together or the provider let nobody in, 403 and 404 as
   * `signInPerson`, 429 after too many of these from one address, 502 if the provider cannot be asked.
   */
  finish(
    query: URLSearchParams,
    cookie: string | undefined,
    origin: Origin,
  ): Promise<{ readonly session: string; readonly goal: string }>
}

export function createSingleSignOn(core: Core, sso: SsoConfig): SingleSignOn {
  const provider = createProvider(core, sso)
  return {
    name: sso.name,
    async begin(goal, invitation) {
      const flow = newFlow(goal, invitation)
      return { address: await provider.signInAddress(flow), cookie: sealFlow(core, flow) }
    },
    async finish(query, cookie, origin) {
      try {
        return await finish(query, cookie, origin)
      } catch (error) {
        if (error instanceof Problem && error.status < 500) core.refusals.noteSignIn(undefined, origin)
        throw error
      }
    },
  }

  async function finish(query: URLSearchParams, cookie: string | undefined, origin: Origin) {
    const flow = cookie === undefined ? undefined : openFlow(core, cookie)
    // Compared before anything is asked: nobody else's answer makes us call the provider.
    if (!flow || query.get('state') !== flow.state) throw notBegunHere()
    const succeeded = core.limits.signIn(origin.address ?? '', flow.state)
    const person = await provider.person(query, flow)
    const { goal, invitation } = flow
    const session = await signInPerson(core, sso, { person, invitation }, origin)
    succeeded()
    return { session, goal }
  }
}

const notBegunHere = () =>
  new Problem(
    401,
    'sso_not_begun',
    'this sign-in was not begun in this browser, or took longer than ten minutes; sign in once more',
  )
