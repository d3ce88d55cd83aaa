import { addUser } from '../../core/access/new-user.ts'
import { purposeOfLink, useLink } from '../../core/access/one-time-links.ts'
import { checkPassword, hashPassword } from '../../core/access/password.ts'
import { startSession } from '../../core/access/sessions.ts'
import { hasAdministrator } from '../../core/records/users.ts'
import { conflict, notFound, Problem } from '../../lib/problem.ts'
import { formError, input } from '../components/form.ts'
import { passwordFields, wantedPassword } from '../components/password-fields.ts'
import { html } from '../html.ts'
import type { Page, WebReply, WebRoute } from '../route.ts'
import { field, type Visit } from '../visit.ts'

export const setupRoutes: readonly WebRoute[] = [
  { method: 'GET', path: '/setup', for: 'anyone', run: showSetup },
  { method: 'POST', path: '/setup', for: 'anyone', run: setUp },
]

const outOfDate =
  'this setup link was used already, or is too old; while there is no administrator, each start of the server prints a new one'

async function showSetup(visit: Visit): Promise<WebReply> {
  const key = visit.target.query.get('key') ?? ''
  await demandLink(visit, key)
  return setupPage(visit, key)
}

async function demandLink({ core }: Visit, key: string): Promise<void> {
  if ((await purposeOfLink(core.database.read, key, core.clock())) !== 'setup') throw notFound(outOfDate)
}

function setupPage(visit: Visit, key: string, error?: Problem): Page {
  return {
    title: 'Set up',
    narrow: true,
    ...(error ? { status: error.status } : {}),
    main: html`<section class="card">
      <h1>Welcome to Entrepot</h1>
      <p class="lead">
        Make the first administrator of this server. Groups, projects and more people come next.
      </p>
      ${formError(error?.message)}
      <form method="post" action="${visit.to('/setup')}">
        <input type="hidden" name="key" value="${key}" />
        ${input({ name: 'username', label: 'Username', autocomplete: 'username', required: true, autofocus: true, value: field(visit, 'username') })}
        ${passwordFields()}
        <button class="button primary wide-button">Make the administrator</button>
      </form>
    </section>`,
  }
}

async function setUp(visit: Visit): Promise<WebReply> {
  const key = field(visit, 'key')
  await demandLink(visit, key)
  try {
    return { redirect: '/', session: await makeAdministrator(visit, key) }
  } catch (error) {
    if (error instanceof Problem && error.status !== 404) return setupPage(visit, key, error)
    throw error
  }
}

async function makeAdministrator(visit: Visit, key: string): Promise<string> {
  const { core, origin } = visit
  const password = wantedPassword(visit)
  checkPassword(password)
  const passwordHash = await hashPassword(password)
  const now = core.clock()
  return core.database.write(async (db) => {
    await useLink(db, key, 'setup', now)
    if (await hasAdministrator(db)) throw conflict('this server has an administrator already')
    const wish = { username: field(visit, 'username'), passwordHash, admin: true }
    const user = await addUser(db, wish, origin, now)
    return startSession(db, user, origin, now)
  })
}
