import { html, type Html } from '../html.ts'
import type { Visit } from '../visit.ts'

/** Rows on one page of a list. */
export const pageSize = 25

/** The page asked for by `?page=`, from 1. */
export function pageNumber({ target }: Visit): number {
  const text = target.query.get('page') ?? ''
  return /^[1-9]\d{0,4}$/.test(text) ? Number(text) : 1
}

/** Links to the pages before and after; nothing where one page holds all. */
export function pagination(visit: Visit, page: number, hasMore: boolean): Html {
  if (page === 1 && !hasMore) return ''
  const at = (number: number) => {
    const query = new URLSearchParams(visit.target.query)
    if (number === 1) query.delete('page')
    else query.set('page', String(number))
    return `${visit.to(visit.target.path)}${query.size > 0 ? `?${query}` : ''}`
  }
  return html`<nav class="pages" aria-label="Pages">
    ${page > 1 ? html`<a class="button" rel="prev" href="${at(page - 1)}">Previous</a>` : ''}
    <span>Page ${page}</span>
    ${hasMore ? html`<a class="button" rel="next" href="${at(page + 1)}">Next</a>` : ''}
  </nav>`
}
