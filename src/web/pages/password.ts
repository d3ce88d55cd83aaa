import { changePassword } from '../../core/access/change-password.ts'
import { purposeOfLink, useLink } from '../../core/access/one-time-links.ts'
import { checkPassword, hashPassword } from '../../core/access/password.ts'
import { startSession } from '../../core/access/sessions.ts'
import { findUser } from '../../core/records/users.ts'
import { forbidden, notFound, Problem } from '../../lib/problem.ts'
import { formError } from '../components/form.ts'
import { passwordFields, wantedPassword } from '../components/password-fields.ts'
import { ssoButton } from '../components/sso-button.ts'
import { html } from '../html.ts'
import type { Page, WebReply, WebRoute } from '../route.ts'
import { field, type Visit } from '../visit.ts'

export const passwordRoutes: readonly WebRoute[] = [
  { method: 'GET', path: '/password', for: 'anyone', run: showPassword },
  { method: 'POST', path: '/password', for: 'anyone', run: choosePassword },
]

const outOfDate = 'this link was used already, or is too old; ask an administrator for a new one'

async function showPassword(visit: Visit): Promise<WebReply> {
  const key = visit.target.query.get('key') ?? ''
  const ways = await waysOf(visit, key)
  return ways.password ? passwordPage(visit, key, ways) : providerPage(visit, key)
}

/** What somebody with a link may do with it. */
interface Ways {
  readonly purpose: 'password' | 'invitation'
  readonly password: boolean
  /** Taking up the account through the OpenID provider. */
  readonly provider: boolean
}

/** Links of the server's own command line choose a password in any case: somebody must be able to get in. */
async function waysOf({ core, site }: Visit, key: string): Promise<Ways> {
  const purpose = await purposeOfLink(core.database.read, key, core.clock())
  if (purpose === 'password') return { purpose, password: true, provider: false }
  if (purpose !== 'invitation') throw notFound(outOfDate)
  return { purpose, password: core.config.passwordSignIn, provider: site.sso !== undefined }
}

function providerPage(visit: Visit, key: string): Page {
  return {
    title: 'Welcome',
    narrow: true,
    main: html`<section class="card">
      <h1>Welcome to Entrepot</h1>
      <p class="lead">Sign in once, and this account is yours.</p>
      ${ssoButton(visit, { invitation: key })}
    </section>`,
  }
}

function passwordPage(visit: Visit, key: string, ways: Ways, error?: Problem): Page {
  return {
    title: 'Choose a password',
    narrow: true,
    ...(error ? { status: error.status } : {}),
    main: html`<section class="card">
      <h1>Choose a password</h1>
      <p class="lead">You will be signed out everywhere else. Access tokens stay as they are.</p>
      ${formError(error?.message)} ${ways.provider ? ssoButton(visit, { invitation: key }) : ''}
      <form method="post" action="${visit.to('/password')}">
        <input type="hidden" name="key" value="${key}" />
        ${passwordFields()}
        <button class="button primary wide-button">Save the password</button>
      </form>
    </section>`,
  }
}

async function choosePassword(visit: Visit): Promise<WebReply> {
  const key = field(visit, 'key')
  const ways = await waysOf(visit, key)
  if (!ways.password) throw forbidden('403 Forbidden - passwords sign nobody in here; use single sign-on')
  try {
    return { redirect: '/', session: await savePassword(visit, key, ways) }
  } catch (error) {
    if (error instanceof Problem && error.status === 400) return passwordPage(visit, key, ways, error)
    throw error
  }
}

async function savePassword(visit: Visit, key: string, { purpose }: Ways): Promise<string> {
  const { core, origin } = visit
  const password = wantedPassword(visit)
  checkPassword(password)
  const passwordHash = await hashPassword(password)
  const now = core.clock()
  return core.database.write(async (db) => {
    const { userId } = await useLink(db, key, purpose, now)
    const user = userId === null ? undefined : await findUser(db, userId)
    if (!user || user.state !== 'active') throw notFound(outOfDate)
    const own = { ...origin, userId: user.id, actor: user.username }
    await changePassword(db, user, passwordHash, own, now)
    return startSession(db, user, own, now)
  })
}
