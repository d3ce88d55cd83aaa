import type { ProblemReply } from '../../http/problem-reply.ts'
import { sentence } from '../components/form.ts'
import { html } from '../html.ts'
import type { Page } from '../route.ts'
import type { Visit } from '../visit.ts'

const titles: Readonly<Record<number, string>> = {
  400: 'This does not work',
  403: 'Not allowed',
  404: 'Page not found',
  409: 'This has changed',
  429: 'Too many attempts',
  503: 'Not available right now',
}
const generic404 =
  'There is nothing at this address, or nothing that you may see. Ask a maintainer for access if you expected a package here.'

/** Refusals and mistakes as a page. A private thing and a missing one give the same bytes. */
export function problemPage({ to }: Visit, problem: ProblemReply): Page {
  const { status, message, headers } = problem
  const title = titles[status] ?? 'Something went wrong'
  const isBare = /^\d{3} /.test(message) && !message.includes(' - ')
  return {
    title,
    status,
    headers,
    main: html`<section class="problem">
      <p class="problem-status">${status}</p>
      <h1>${title}</h1>
      <p>${status === 404 && isBare ? generic404 : explain(status, message, isBare)}</p>
      <p><a class="button" href="${to('/')}">Go to projects</a></p>
    </section>`,
  }
}

function explain(status: number, message: string, isBare: boolean): string {
  if (!isBare) return sentence(message.replace(/^\d{3} [\w ]+ - /, ''))
  if (status === 403) return 'Your role here does not reach that far. Ask a maintainer.'
  return 'The server could not do this. Try again; if it stays, ask whoever runs this server.'
}
