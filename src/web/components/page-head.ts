import type { Visibility } from '../../database/schema.ts'
import { html, type Html } from '../html.ts'
import type { Visit } from '../visit.ts'

const meaning: Readonly<Record<Visibility, string>> = {
  private: 'Only members see it',
  internal: 'Everyone who is signed in sees it',
  public: 'Everyone sees it',
}

export const visibilityBadge = (visibility: Visibility): Html =>
  html`<span class="badge ${visibility}" title="${meaning[visibility]}">${visibility}</span>`

/** The groups above, linked, as a line over the title, and what comes `last`. `fullPath` ends with the thing itself. */
export function breadcrumb({ to }: Visit, fullPath: string, ...last: readonly Html[]): Html {
  const above = fullPath.split('/').slice(0, -1)
  const crumbs = above.map((segment, index) => {
    const path = above.slice(0, index + 1).join('/')
    return html`<li><a href="${to(`/groups/${path}`)}">${segment}</a></li>`
  })
  if (crumbs.length + last.length === 0) return ''
  return html`<nav class="crumbs" aria-label="Breadcrumb">
    <ol>
      ${crumbs}${last.map((one) => html`<li>${one}</li>`)}
    </ol>
  </nav>`
}
