import { changePassword } from '../../core/access/change-password.ts'
import { linkIsGood, useLink } from '../../core/access/one-time-links.ts'
import { checkPassword, hashPassword } from '../../core/access/password.ts'
import { startSession } from '../../core/access/sessions.ts'
import { findUser } from '../../core/records/users.ts'
import { notFound, Problem } from '../../lib/problem.ts'
import { formError } from '../components/form.ts'
import { passwordFields, wantedPassword } from '../components/password-fields.ts'
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
  await demandLink(visit, key)
  return passwordPage(visit, key)
}

async function demandLink({ core }: Visit, key: string): Promise<void> {
  if (!(await linkIsGood(core.database.read, key, 'password', core.clock()))) throw notFound(outOfDate)
}

function passwordPage(visit: Visit, key: string, error?: Problem): Page {
  return {
    title: 'Choose a password',
    narrow: true,
    ...(error ? { status: error.status } : {}),
    main: html`<section class="card">
      <h1>Choose a password</h1>
      <p class="lead">You will be signed out everywhere else. Access tokens stay as they are.</p>
      ${formError(error?.message)}
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
  await demandLink(visit, key)
  try {
    return { redirect: '/', session: await savePassword(visit, key) }
  } catch (error) {
    if (error instanceof Problem && error.status === 400) return passwordPage(visit, key, error)
    throw error
  }
}

async function savePassword(visit: Visit, key: string): Promise<string> {
  const { core, origin } = visit
  const password = wantedPassword(visit)
  checkPassword(password)
  const passwordHash = await hashPassword(password)
  const now = core.clock()
  return core.database.write(async (db) => {
    const { userId } = await useLink(db, key, 'password', now)
    const user = userId === null ? undefined : await findUser(db, userId)
    if (!user || user.state !== 'active') throw notFound(outOfDate)
    const own = { ...origin, userId: user.id, actor: user.username }
    await changePassword(db, user, passwordHash, own, now)
    return startSession(db, user, own, now)
  })
}
