import { notFound, Problem } from '../../lib/problem.ts'
import { returnPath } from '../return-to.ts'
import type { WebReply, WebRoute } from '../route.ts'
import { flowCookieName } from '../session-cookie.ts'
import type { SingleSignOn } from '../../core/access/sso/single-sign-on.ts'
import { signInPage } from './sign-in.ts'
import type { Visit } from '../visit.ts'

export const ssoRoutes: readonly WebRoute[] = [
  { method: 'GET', path: '/sign-in/sso', for: 'anyone', run: begin },
  { method: 'GET', path: '/sign-in/sso/callback', for: 'anyone', run: finish },
]

function ssoOf({ site }: Visit): SingleSignOn {
  if (!site.sso) throw notFound()
  return site.sso
}

async function begin(visit: Visit): Promise<WebReply> {
  const sso = ssoOf(visit)
  const { query } = visit.target
  const goal = returnPath(query.get('return_to'))
  return orSignInPage(visit, goal, () => sso.begin(goal, query.get('invitation')?.slice(0, 100) || undefined))
}

async function finish(visit: Visit): Promise<WebReply> {
  const sso = ssoOf(visit)
  const cookie = visit.request.cookies[flowCookieName]
  return orSignInPage(visit, '/', async () => {
    const { session, goal } = await sso.finish(visit.target.query, cookie, visit.origin)
    return { redirect: goal, session }
  })
}

/** Whoever could not be signed in may try again at once. */
async function orSignInPage(visit: Visit, goal: string, run: () => Promise<WebReply>): Promise<WebReply> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof Problem) return signInPage(visit, goal, error)
    throw error
  }
}
