import type { UserRow } from '../../database/schema.ts'
import { html, type Html } from '../html.ts'
import { field, type Visit } from '../visit.ts'
import { when } from './amounts.ts'
import { choices, formError, formToken, input } from './form.ts'
import { codeBlock } from './snippets.ts'

/** A one-time link that was just made for a user. */
export interface MadeLink {
  readonly username: string
  readonly link: string
}

/** `error`: why the invitation that was sent cannot be made. */
export const invitationForm = (visit: Visit, error: string | undefined): Html =>
  html`<section class="card" aria-labelledby="invite">
    <h2 id="invite">Invite somebody</h2>
    ${formError(error)}
    <form method="post" action="${visit.to('/users')}">
      ${formToken(visit)}
      ${input({ name: 'username', label: 'Username', required: true, autocomplete: 'off', value: error ? field(visit, 'username') : '' })}
      ${input({ name: 'name', label: 'Name', autocomplete: 'off', value: error ? field(visit, 'name') : '', hint: 'Left empty, it is the username.' })}
      ${choices(
        { name: 'admin', legend: 'What may they do?', type: 'checkbox' },
        [{ value: '1', label: 'Administrate this server', hint: 'Users, quotas, top-level groups' }],
        error ? [field(visit, 'admin')] : [],
      )}
      <button class="button primary">Make an invitation</button>
    </form>
  </section>`

export const linkNotice = ({ username, link }: MadeLink): Html =>
  html`<div class="notice good" role="status">
    <p>Give this link to <b>${username}</b>. It works once, within a day, and is not shown again.</p>
    ${codeBlock(link)}
  </div>`

export function userRows(visit: Visit, users: readonly UserRow[]): Html {
  if (users.length === 0) return html`<div class="empty small"><p>Nobody matches.</p></div>`
  return html`<ul class="rows" role="list">
    ${users.map((user) => userRow(visit, user))}
  </ul>`
}

function userRow(visit: Visit, user: UserRow): Html {
  const { principal, core } = visit
  const isSelf = principal.kind === 'user' && principal.userId === user.id
  const isBlocked = user.state === 'blocked'
  return html`<li class="row">
    <div class="row-main">
      <span class="row-title">${user.username}</span>
      ${user.admin === 1 ? html`<span class="badge">administrator</span>` : ''}
      ${isBlocked ? html`<span class="badge">blocked</span>` : ''}
      <p class="row-detail">
        ${user.name === user.username ? '' : `${user.name} · `}here since
        ${when(user.created_at, core.clock())}
      </p>
    </div>
    ${isBlocked ? '' : action(visit, user, 'link', 'New link')}
    ${isSelf ? '' : action(visit, user, isBlocked ? 'unblock' : 'block', isBlocked ? 'Unblock' : 'Block')}
  </li>`
}

const action = (visit: Visit, { id, username }: UserRow, verb: string, label: string): Html =>
  html`<form method="post" action="${visit.to(`/users/${id}/${verb}`)}">
    ${formToken(visit)}
    <button class="button ${verb === 'block' ? 'danger' : ''}" aria-label="${label}: ${username}">
      ${label}
    </button>
  </form>`
