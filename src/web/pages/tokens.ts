import { issueToken, withdrawToken } from '../../core/access/issue-token.ts'
import { tokenList } from '../../core/records/token-lists.ts'
import { Problem } from '../../lib/problem.ts'
import { expiryOf, numberOf } from '../components/form-values.ts'
import { liveTokens, madeNotice, scopeChoices, tokenForm, type MadeToken } from '../components/token-list.ts'
import { html } from '../html.ts'
import type { Page, WebReply, WebRoute } from '../route.ts'
import { field, type Visit } from '../visit.ts'

export const tokenRoutes: readonly WebRoute[] = [
  { method: 'GET', path: '/tokens', for: 'people', run: (visit) => tokensPage(visit) },
  { method: 'POST', path: '/tokens', for: 'people', run: makeToken },
  { method: 'POST', path: '/tokens/:id/revoke', for: 'people', run: revoke },
]

/** The newest ones. */
const mostShown = 500

async function tokensPage(visit: Visit, made?: MadeToken, error?: Problem): Promise<Page> {
  const { database, clock } = visit.core
  const tokens = await tokenList(database.read, { kind: 'personal', userId: userOf(visit), now: clock() })
    .clearOrderBy()
    .orderBy('tokens.id', 'desc')
    .limit(mostShown)
    .execute()
  return {
    title: 'Access tokens',
    ...(error ? { status: error.status } : {}),
    main: html`<div class="page-head">
        <h1>Access tokens</h1>
        <p class="lead">
          Package clients, build jobs and scripts sign in with a token instead of your password.
        </p>
        ${made ? madeNotice(made) : ''}
      </div>
      <div class="columns even">
        ${tokenForm(visit, error, { action: '/tokens', scopes: scopeChoices })}
        ${liveTokens(visit, tokens, { title: 'Your tokens', action: '/tokens', made })}
      </div>`,
  }
}

function userOf({ principal }: Visit): number {
  if (principal.kind !== 'user') throw new Error('a page for people was run for nobody')
  return principal.userId
}

async function makeToken(visit: Visit): Promise<WebReply> {
  try {
    const wish = {
      userId: userOf(visit),
      name: field(visit, 'name'),
      scopes: visit.form.getAll('scopes'),
      expiresAt: expiryOf(field(visit, 'expires_at')),
    }
    const made = await issueToken(visit, wish)
    return tokensPage(visit, { text: made.text, id: made.row.id, name: made.row.name })
  } catch (error) {
    if (error instanceof Problem) return tokensPage(visit, undefined, error)
    throw error
  }
}

async function revoke(visit: Visit): Promise<WebReply> {
  const { id } = visit.request.params as { id: string }
  await withdrawToken(visit, numberOf(id))
  return { redirect: '/tokens' }
}
