/** Names of Python projects: the grammar of PEP 508, and the one spelling that PEP 503 gives equal ones. */
import { invalid, notFound } from '../../lib/problem.ts'

const rule = /^(?:[a-z0-9]|[a-z0-9][a-z0-9._-]*[a-z0-9])$/i
const maxLength = 200
const separators = /[-_.]+/g

/** `Foo.Bar_baz` is `foo-bar-baz`. Throws 400. */
export function normalizeName(name: string): string {
  const spelled = readName(name)
  if (spelled === undefined) {
    throw invalid(
      `project name ${JSON.stringify(name.slice(0, 100))} is not allowed: at most ${maxLength} letters, digits, '.', '-' and '_' (ASCII), with a letter or digit at both ends`,
    )
  }
  return spelled
}

/** The same; undefined for what is no name. */
export function readName(name: string): string | undefined {
  if (name.length > maxLength || !rule.test(name)) return undefined
  return name.toLowerCase().replace(separators, '-')
}

export const missing = () => notFound('404 Package Not Found')

/** The same of an address: what is no name leads nowhere. Throws 404. */
export function nameInAddress(name = ''): string {
  const spelled = readName(name)
  if (spelled === undefined) throw missing()
  return spelled
}

/** A pattern of names in the spelling of normalised ones. */
export const spellPattern = (pattern: string): string => pattern.toLowerCase().replace(separators, '-')
