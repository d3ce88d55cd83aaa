import { html, type Html } from '../html.ts'
import { invalid } from '../../lib/problem.ts'
import type { Visit } from '../visit.ts'
import { input } from './form.ts'

/** A new password, typed twice. */
export const passwordFields = (): Html =>
  html`${input({
    name: 'password',
    label: 'Password',
    type: 'password',
    autocomplete: 'new-password',
    required: true,
    minLength: 12,
    hint: 'At least 12 characters. A few unrelated words make a good one.',
  })}
  ${input({
    name: 'repeated',
    label: 'The same password again',
    type: 'password',
    autocomplete: 'new-password',
    required: true,
    minLength: 12,
  })}`

/** The new password that was sent. Throws 400 if the two differ. */
export function wantedPassword({ form }: Visit): string {
  const password = form.get('password') ?? ''
  if (password !== form.get('repeated')) throw invalid('the two passwords differ')
  return password
}
