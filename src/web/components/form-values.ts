/** What people type into forms and addresses, as values. */
import { invalid, notFound } from '../../lib/problem.ts'

/** The beginning of that day in UTC; none given: undefined. Throws 400 for what is no day. */
export function expiryOf(text: string): number | undefined {
  if (text === '') return undefined
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  if (Number.isNaN(at)) throw invalid('the expiry must be a date, such as 2030-12-31')
  return at
}

/** The number of a record in an address. Throws 404 for what is none. */
export function numberOf(text: string | undefined): number {
  if (!/^[1-9]\d{0,14}$/.test(text ?? '')) throw notFound()
  return Number(text)
}
