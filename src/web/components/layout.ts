import { html, raw, type Html } from '../html.ts'
import type { Page } from '../route.ts'
import type { Visit } from '../visit.ts'
import { formToken } from './form.ts'

/** The mark: shelves in a warehouse. */
const mark = raw(
  `<svg class="mark" width="28" height="28" viewBox="0 0 32 32" aria-hidden="true" focusable="false"><rect width="32" height="32" rx="8" class="mark-ground"/><path class="mark-shelf" d="M8 7v18h16M8 16h16M8 7h16"/><path class="mark-box" d="M12 10.5h4v4h-4zM18.5 19.5h4v4h-4zM12 19.5h4v4h-4z"/></svg>`,
)

/** A whole document around a page. */
export async function layout(visit: Visit, page: Page): Promise<Html> {
  const { site, to } = visit
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>${page.title} · Entrepot</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href="${to(site.assets.address('logo.svg'))}" type="image/svg+xml" />
        <link rel="stylesheet" href="${to(site.assets.address('style.css'))}" />
        <script type="module" src="${to(site.assets.address('copy.js'))}"></script>
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        ${page.narrow ? narrowHeader(visit) : header(visit)}
        <main id="main" class="${page.narrow ? 'narrow' : 'wide'}">${page.main}</main>
      </body>
    </html> `
}

const narrowHeader = ({ to }: Visit) =>
  html`<header class="narrow-bar">
    <a class="brand" href="${to('/')}">${mark}<span>Entrepot</span></a>
  </header>`

function header(visit: Visit): Html {
  const { principal, to, target } = visit
  const current = (path: string) => (target.path === path ? html` aria-current="page"` : '')
  return html`<header class="bar">
    <div class="bar-inner">
      <a class="brand" href="${to('/')}">${mark}<span>Entrepot</span></a>
      <nav aria-label="Main">
        <a href="${to('/')}" ${current('/')}>Projects</a>
        ${principal.kind === 'user' ? html`<a href="${to('/tokens')}" ${current('/tokens')}>Access tokens</a>` : ''}
        ${principal.kind === 'user' && principal.admin ? html`<a href="${to('/users')}" ${current('/users')}>Users</a> <a href="${to('/admin/upstreams')}" ${current('/admin/upstreams')}>Upstreams</a>` : ''}
      </nav>
      <div class="account">${account(visit)}</div>
    </div>
  </header>`
}

function account(visit: Visit): Html {
  const { principal, to } = visit
  if (principal.kind === 'anonymous') return html`<a class="button" href="${to('/sign-in')}">Sign in</a>`
  return html`<span class="who">${principal.username}</span>
    <form method="post" action="${to('/sign-out')}">
      ${formToken(visit)}<button class="button">Sign out</button>
    </form>`
}
