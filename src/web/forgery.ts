/** Forms act only when they were sent from a page of ours. */
import { isFormToken } from '../core/access/sessions.ts'
import { forbidden } from '../lib/problem.ts'
import { field, type Visit } from './visit.ts'

/**
 * Throws 403 unless the browser says that the form stands on this site, and, where somebody is signed in, the form
 * carries the token of their session. Requests that say nothing of where they come from are refused.
 */
export function refuseForgery(visit: Visit): void {
  const { headers } = visit.request
  const { publicOrigin } = visit.site
  const isOurs =
    headers.origin === undefined
      ? headers['sec-fetch-site'] === 'same-origin'
      : headers.origin === publicOrigin
  if (!isOurs) {
    throw forbidden(`this form must be sent from ${publicOrigin}, the address this server is known under`)
  }
  if (visit.session !== undefined && !isFormToken(visit.session, field(visit, 'form_token'))) {
    throw forbidden('this form is out of date; go back, load the page again and send it once more')
  }
}
