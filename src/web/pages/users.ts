import { demand } from '../../core/access/authorize.ts'
import { blockUser, makePasswordLink, unblockUser } from '../../core/access/change-user.ts'
import { inviteUser } from '../../core/access/invite-user.ts'
import { userList } from '../../core/records/user-lists.ts'
import { findUser } from '../../core/records/users.ts'
import { notFound, Problem } from '../../lib/problem.ts'
import { pageNumber, pageSize, pagination } from '../components/pagination.ts'
import { invitationForm, linkNotice, userRows, type MadeLink } from '../components/user-list.ts'
import { html, type Html } from '../html.ts'
import type { Page, WebReply, WebRoute } from '../route.ts'
import { field, type Visit } from '../visit.ts'

export const userRoutes: readonly WebRoute[] = [
  { method: 'GET', path: '/users', for: 'people', run: (visit) => usersPage(visit) },
  { method: 'POST', path: '/users', for: 'people', run: invite },
  { method: 'POST', path: '/users/:id/link', for: 'people', run: makeLink },
  { method: 'POST', path: '/users/:id/block', for: 'people', run: block },
  { method: 'POST', path: '/users/:id/unblock', for: 'people', run: unblock },
]

/** All users, for administrators. */
async function usersPage(visit: Visit, made?: MadeLink, error?: Problem): Promise<Page> {
  const { core, generation, principal } = visit
  await demand(core, generation, principal, 'admin_instance', { kind: 'instance' })
  const page = pageNumber(visit)
  const users = await userList(core.database.read, { search: searched(visit) })
    .offset((page - 1) * pageSize)
    .limit(pageSize + 1)
    .execute()
  return {
    title: 'Users',
    ...(error ? { status: error.status } : {}),
    main: html`<div class="page-head">
        <h1>Users</h1>
        <p class="lead">Blocking ends sessions and tokens at once; packages stay.</p>
        ${made ? linkNotice(made) : ''}
      </div>
      <div class="columns even">
        ${invitationForm(visit, error?.message)}
        <section aria-labelledby="all">
          <div class="section-head"><h2 id="all">All users</h2></div>
          ${filter(visit)} ${userRows(visit, users.slice(0, pageSize))}
          ${pagination(visit, page, users.length > pageSize)}
        </section>
      </div>`,
  }
}

const searched = ({ target }: Visit) => (target.query.get('search') ?? '').trim().slice(0, 200)

const filter = (visit: Visit): Html =>
  html`<form class="filter" role="search" action="${visit.to('/users')}">
    <label class="visually-hidden" for="search">Find a user</label>
    <input id="search" name="search" type="search" placeholder="Find a user" value="${searched(visit)}" />
    <button class="button">Search</button>
  </form>`

async function invite(visit: Visit): Promise<WebReply> {
  try {
    const admin = field(visit, 'admin') === '1'
    const wish = { username: field(visit, 'username'), name: field(visit, 'name').slice(0, 255), admin }
    const { user, link } = await inviteUser(visit, wish)
    return usersPage(visit, { username: user.username, link })
  } catch (error) {
    if (error instanceof Problem && [400, 409].includes(error.status))
      return usersPage(visit, undefined, error)
    throw error
  }
}

async function makeLink(visit: Visit): Promise<WebReply> {
  const link = await makePasswordLink(visit, idOf(visit))
  const user = await findUser(visit.core.database.read, idOf(visit))
  return usersPage(visit, { username: user!.username, link })
}

async function block(visit: Visit): Promise<WebReply> {
  await blockUser(visit, idOf(visit))
  return { redirect: '/users' }
}

async function unblock(visit: Visit): Promise<WebReply> {
  await unblockUser(visit, idOf(visit))
  return { redirect: '/users' }
}

function idOf({ request }: Visit): number {
  const { id } = request.params as { id: string }
  if (!/^[1-9]\d{0,14}$/.test(id)) throw notFound()
  return Number(id)
}
