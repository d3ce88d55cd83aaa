/** Access tokens and deploy tokens of a group or project. */
import { demand } from '../../core/access/authorize.ts'
import {
  deployScopes,
  issueOwnedToken,
  ownedTokenKind,
  withdrawOwnedToken,
  type OwnedKind,
} from '../../core/access/owned-tokens.ts'
import { roles } from '../../core/access/rights.ts'
import { memberOf, type Owned } from '../../core/owners/members.ts'
import { tokenList } from '../../core/records/token-lists.ts'
import type { TokenRow } from '../../database/schema.ts'
import { Problem } from '../../lib/problem.ts'
import { expiryOf } from '../components/form-values.ts'
import { choices, input, type Choice } from '../components/form.ts'
import { breadcrumb } from '../components/page-head.ts'
import { liveTokens, madeNotice, scopeChoices, tokenForm, type MadeToken } from '../components/token-list.ts'
import { html, type Html } from '../html.ts'
import { seenGroup, seenProject } from '../owners.ts'
import type { Page, WebReply } from '../route.ts'
import { field, type Visit } from '../visit.ts'

export type TokenPage = 'access_tokens' | 'deploy_tokens'
export const isTokenPage = (what: string | undefined): what is TokenPage =>
  what === 'access_tokens' || what === 'deploy_tokens'

/** Whose tokens a page is about. */
export interface TokenPlace {
  readonly kind: 'group' | 'project'
  readonly path: string
  readonly what: TokenPage
}

interface Words {
  readonly kind: OwnedKind
  readonly title: string
  readonly lead: string
}
const words: Readonly<Record<TokenPage, Words>> = {
  access_tokens: {
    kind: 'access',
    title: 'Access tokens',
    lead: 'Each acts with a role of its own here and below, and as nobody elsewhere.',
  },
  deploy_tokens: {
    kind: 'deploy',
    title: 'Deploy tokens',
    lead: 'For servers and build machines: they install packages, or install and publish them, and nothing more.',
  },
}

/** The newest ones. */
const mostShown = 500
/** What was made or went wrong just now. */
interface Outcome {
  readonly made?: MadeToken
  readonly error?: Problem
}

export async function ownedTokensPage(
  visit: Visit,
  place: TokenPlace,
  { made, error }: Outcome = {},
): Promise<Page> {
  const owned = await managed(visit, place)
  const { kind, title, lead } = words[place.what]
  const { database, clock } = visit.core
  const filter = { kind: ownedTokenKind(owned, kind), of: memberOf(owned), now: clock() }
  const tokens = await tokenList(database.read, filter)
    .clearOrderBy()
    .orderBy('tokens.id', 'desc')
    .limit(mostShown)
    .execute()
  const action = addressOf(place)
  const detail = kind === 'deploy' ? usernameOf : roleOf
  return {
    title: `${title} · ${place.path}`,
    ...(error ? { status: error.status } : {}),
    main: html`<div class="page-head">
        ${breadcrumb(visit, place.path, html`<a href="${visit.to(homeOf(place))}">${place.path.split('/').at(-1)}</a>`)}
        <h1>${title}</h1>
        <p class="lead">${lead} ${otherPage(visit, place)}</p>
        ${made ? madeNotice(made) : ''}
      </div>
      <div class="columns even">
        ${tokenForm(visit, error, { action, ...formParts(visit, kind, error) })}
        ${liveTokens(visit, tokens, { title, action, made, detail })}
      </div>`,
  }
}

/** Throws as for a missing one where the caller may not see it, 403 for who may not change its tokens. */
async function managed(visit: Visit, { kind, path }: TokenPlace): Promise<Owned> {
  const { core, generation, principal } = visit
  const owned: Owned =
    kind === 'group'
      ? { kind, group: await seenGroup(visit, path) }
      : { kind, project: (await seenProject(visit, path)).project }
  await demand(core, generation, principal, kind === 'group' ? 'admin_group' : 'admin_project', owned)
  return owned
}

const homeOf = ({ kind, path }: TokenPlace) => (kind === 'group' ? `/groups/${path}` : `/${path}`)
const addressOf = (place: TokenPlace) => `${homeOf(place)}/-/${place.what}`

function otherPage({ to }: Visit, place: TokenPlace): Html {
  const what = place.what === 'access_tokens' ? 'deploy_tokens' : 'access_tokens'
  return html`<a href="${to(addressOf({ ...place, what }))}">${words[what].title}</a>`
}

const roleChoices: readonly Choice[] = [
  { value: String(roles.reporter), label: 'Reporter', hint: 'reads packages' },
  { value: String(roles.developer), label: 'Developer', hint: 'reads and publishes them' },
  { value: String(roles.maintainer), label: 'Maintainer', hint: 'deletes them too, and changes settings' },
]
const usernameOf = (token: TokenRow) => `user name ${token.username}`
const roleOf = (token: TokenRow) => Object.entries(roles).find(([, level]) => level === token.role)?.[0] ?? ''

function formParts(visit: Visit, kind: OwnedKind, error: Problem | undefined) {
  if (kind === 'deploy') {
    const more = input({
      name: 'username',
      label: 'User name',
      value: error ? field(visit, 'username') : '',
      autocomplete: 'off',
      hint: 'What clients that want one send beside the token; left out, one is made up',
    })
    return { more, scopes: scopeChoices.filter(({ value }) => deployScopes.includes(value)) }
  }
  const chosen = error ? visit.form.getAll('access_level') : [String(roles.reporter)]
  const legend = { name: 'access_level', legend: 'As what does it act?', type: 'radio' } as const
  return { more: choices(legend, roleChoices, chosen), scopes: scopeChoices }
}

export async function makeOwnedToken(visit: Visit, place: TokenPlace): Promise<WebReply> {
  const owned = await managed(visit, place)
  try {
    const wish = {
      name: field(visit, 'name'),
      scopes: visit.form.getAll('scopes'),
      expiresAt: expiryOf(field(visit, 'expires_at')),
      username: field(visit, 'username') || undefined,
      role: roleChoices.some(({ value }) => value === field(visit, 'access_level'))
        ? Number(field(visit, 'access_level'))
        : roles.reporter,
    }
    const { text, row } = await issueOwnedToken(visit, owned, words[place.what].kind, wish)
    return ownedTokensPage(visit, place, { made: { text, id: row.id, name: row.name } })
  } catch (error) {
    if (error instanceof Problem) return ownedTokensPage(visit, place, { error })
    throw error
  }
}

export async function revokeOwnedToken(visit: Visit, place: TokenPlace, id: number): Promise<WebReply> {
  await withdrawOwnedToken(visit, await managed(visit, place), words[place.what].kind, id)
  return { redirect: addressOf(place) }
}
