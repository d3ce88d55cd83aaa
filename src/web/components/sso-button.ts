import { html, type Html } from '../html.ts'
import type { Visit } from '../visit.ts'

/**
 * Leads to the OpenID provider; nothing where none is configured. A link, not a form: the policy of our pages lets
 * forms lead nowhere else.
 */
export function ssoButton(
  { site, to }: Visit,
  query: { readonly return_to: string } | { readonly invitation: string },
): Html {
  if (!site.sso) return ''
  const address = `${to('/sign-in/sso')}?${new URLSearchParams({ ...query })}`
  return html`<p>
    <a class="button primary wide-button" href="${address}">Sign in with ${site.sso.name}</a>
  </p>`
}
