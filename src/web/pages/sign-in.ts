import { verifyPassword } from '../../core/access/password.ts'
import { endSession, startSession } from '../../core/access/sessions.ts'
import { confirmedUntil } from '../../core/access/sso/confirmation.ts'
import { findUserByName, hasAdministrator } from '../../core/records/users.ts'
import { forbidden, Problem } from '../../lib/problem.ts'
import { addressOf } from '../../http/identify-caller.ts'
import { formError, input } from '../components/form.ts'
import { ssoButton } from '../components/sso-button.ts'
import { html, type Html } from '../html.ts'
import { returnPath } from '../return-to.ts'
import type { Page, WebReply, WebRoute } from '../route.ts'
import { field, type Visit } from '../visit.ts'

export const signInRoutes: readonly WebRoute[] = [
  { method: 'GET', path: '/sign-in', for: 'anyone', run: showSignIn },
  { method: 'POST', path: '/sign-in', for: 'anyone', run: signIn },
  { method: 'POST', path: '/sign-out', for: 'anyone', run: signOut },
]

async function showSignIn(visit: Visit): Promise<WebReply> {
  const goal = returnPath(visit.target.query.get('return_to'))
  if (visit.session !== undefined) return { redirect: goal }
  return signInPage(visit, goal)
}

/** `goal`: the path of ours to go to afterwards; `error`: why it did not work so far. */
export async function signInPage(visit: Visit, goal: string, error?: Problem): Promise<Page> {
  const isSetUp = await hasAdministrator(visit.core.database.read)
  return {
    title: 'Sign in',
    narrow: true,
    ...(error ? { status: error.status, headers: error.headers } : {}),
    main: html`<section class="card">
        <h1>Sign in</h1>
        ${
          isSetUp
            ? ''
            : html`<p class="notice">
                This server has no administrator yet. Open the setup link that it printed when it started.
              </p>`
        }
        ${formError(error?.message)} ${ssoButton(visit, { return_to: goal })}
        ${takesPasswords(visit) ? passwordForm(visit, goal) : ''}
      </section>
      ${
        takesPasswords(visit)
          ? html`<p class="aside-note">
              Forgot your password? An administrator can make you a link to choose a new one.
            </p>`
          : ''
      }`,
  }
}

const takesPasswords = ({ core }: Visit) => core.config.passwordSignIn

const passwordForm = (visit: Visit, goal: string): Html =>
  html`<form method="post" action="${visit.to('/sign-in')}">
    <input type="hidden" name="return_to" value="${goal}" />
    ${input({ name: 'username', label: 'Username', autocomplete: 'username', required: true, autofocus: true, value: field(visit, 'username') })}
    ${input({ name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password', required: true })}
    <button class="button ${visit.site.sso ? '' : 'primary'} wide-button">Sign in</button>
  </form>`

async function signIn(visit: Visit): Promise<WebReply> {
  if (!takesPasswords(visit))
    throw forbidden('403 Forbidden - passwords sign nobody in here; use single sign-on')
  const goal = returnPath(visit.form.get('return_to'))
  try {
    return { redirect: goal, session: await openSession(visit) }
  } catch (error) {
    if (error instanceof Problem) return signInPage(visit, goal, error)
    throw error
  }
}

/** An unknown user, a blocked one and a wrong password take equally long and read the same. */
async function openSession(visit: Visit): Promise<string> {
  const { core, request } = visit
  const username = field(visit, 'username').slice(0, 255)
  const password = visit.form.get('password') ?? ''
  const succeeded = core.limits.signIn(addressOf(core, request.raw), username)
  const user = await findUserByName(core.database.read, username)
  const isRight = await verifyPassword(password.slice(0, 1025), user?.password_hash ?? null)
  if (!user || !isRight || user.state !== 'active') {
    core.refusals.noteSignIn(user, visit.origin)
    throw new Problem(401, 'wrong_password', 'the username or the password is not right')
  }
  succeeded()
  if ((await confirmedUntil(core, user.id)) <= core.clock()) {
    throw new Problem(
      401,
      'unconfirmed',
      `sign in with ${core.config.sso!.name} once more: it was too long ago`,
    )
  }
  return core.database.write((db) => startSession(db, user, visit.origin, core.clock()))
}

async function signOut({ core, session, origin }: Visit): Promise<WebReply> {
  if (session !== undefined) await core.database.write((db) => endSession(db, session, origin, core.clock()))
  return { redirect: '/sign-in', session: null }
}
