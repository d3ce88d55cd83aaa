import type { Scope } from '../../core/access/principal.ts'
import { isAlive, longestTokenDays } from '../../core/access/token-life.ts'
import type { TokenRow } from '../../database/schema.ts'
import type { Problem } from '../../lib/problem.ts'
import { html, type Html } from '../html.ts'
import { field, type Visit } from '../visit.ts'
import { day, when } from './amounts.ts'
import { choices, formError, formToken, input, type Choice } from './form.ts'
import { codeBlock } from './snippets.ts'

/** A token that was just made: the only time its text can be shown. */
export interface MadeToken {
  readonly text: string
  readonly id: number
  readonly name: string
}

/** What tokens may be made for, from the least to the most. */
export const scopeChoices: readonly (Choice & { readonly value: Scope })[] = [
  { value: 'read_package_registry', label: 'Install packages', hint: 'read_package_registry' },
  { value: 'write_package_registry', label: 'Install and publish packages', hint: 'write_package_registry' },
  { value: 'read_api', label: 'Read everything', hint: 'read_api: packages and the REST API, reading' },
  { value: 'api', label: 'Everything you may do', hint: 'api: packages and the REST API' },
]
const dayMs = 86_400_000

export interface TokenFormParts {
  /** Where the form goes. */
  readonly action: string
  readonly scopes: readonly Choice[]
  /** Fields between the name and the scopes. */
  readonly more?: Html
}

/** The form that makes a token; after an error with what was typed. */
export function tokenForm(visit: Visit, error: Problem | undefined, parts: TokenFormParts): Html {
  const now = visit.core.clock()
  const chosen = error ? visit.form.getAll('scopes') : ['read_package_registry']
  const expiry = error ? field(visit, 'expires_at') : day(now + 90 * dayMs)
  return html`<section class="card" aria-labelledby="new-token">
    <h2 id="new-token">New token</h2>
    ${formError(error?.message)}
    <form method="post" action="${visit.to(parts.action)}">
      ${formToken(visit)}
      ${input({
        name: 'name',
        label: 'What is it for?',
        required: true,
        value: error ? field(visit, 'name') : '',
        autocomplete: 'off',
        hint: 'For example: laptop, or build server',
      })}
      ${parts.more ?? ''}
      ${choices({ name: 'scopes', legend: 'What may it do?', type: 'checkbox' }, parts.scopes, chosen)}
      ${input({
        name: 'expires_at',
        label: 'Expires on',
        type: 'date',
        value: expiry,
        min: day(now + dayMs),
        max: day(now + longestTokenDays * dayMs),
        hint: `At most ${longestTokenDays} days from today`,
      })}
      <button class="button primary">Make the token</button>
    </form>
  </section>`
}

export const madeNotice = ({ name, text }: MadeToken) =>
  html`<div class="notice good" role="status">
    <p><b>${name}</b> is ready. Copy it now: it is not shown again.</p>
    ${codeBlock(text)}
  </div>`

export interface TokenListParts {
  readonly title: string
  /** Below it a token is revoked: `<action>/<id>/revoke`. */
  readonly action: string
  readonly made: MadeToken | undefined
  /** What stands beside the scopes. */
  readonly detail?: (token: TokenRow) => string
}

/** The tokens that work, and how many do no more. */
export function liveTokens(visit: Visit, tokens: readonly TokenRow[], parts: TokenListParts): Html {
  const now = visit.core.clock()
  const live = tokens.filter((token) => isAlive(token, now))
  const over = tokens.length - live.length
  return html`<section aria-labelledby="live-tokens">
    <div class="section-head">
      <h2 id="live-tokens">${parts.title}</h2>
      ${over > 0 ? html`<span class="muted">${over} revoked or expired</span>` : ''}
    </div>
    ${
      live.length === 0
        ? html`<div class="empty small"><p>No tokens yet.</p></div>`
        : html`<ul class="rows" role="list">
            ${live.map((token) => tokenRow(visit, token, parts))}
          </ul>`
    }
  </section>`
}

function tokenRow(visit: Visit, token: TokenRow, { made, action, detail }: TokenListParts): Html {
  const now = visit.core.clock()
  const expires = token.expires_at === null ? 'never expires' : html`expires ${when(token.expires_at, now)}`
  const used = token.last_used_at === null ? 'never used' : html`used ${when(token.last_used_at, now)}`
  return html`<li class="row ${token.id === made?.id ? 'fresh' : ''}">
    <div class="row-main">
      <span class="row-title">${token.name}</span>
      <p class="row-detail">${[detail?.(token), ...token.scopes.split(' ')].filter(Boolean).join(', ')}</p>
      <p class="row-detail">made ${when(token.created_at, now)} · ${expires} · ${used}</p>
    </div>
    <form method="post" action="${visit.to(`${action}/${token.id}/revoke`)}">
      ${formToken(visit)} <button class="button danger" aria-label="Revoke ${token.name}">Revoke</button>
    </form>
  </li>`
}
