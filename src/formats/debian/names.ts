/** Names of Debian's packages, source and binary (Debian Policy 5.6.1). */
import type { NameRules } from '../format.ts'
import { invalid } from '../../lib/problem.ts'
import { readVersion } from './versions.ts'

const rule = /^[a-z0-9][a-z0-9+.-]+$/
const maxLength = 200

/** Whether it is a package's name. */
export const isName = (name: string): boolean => name.length <= maxLength && rule.test(name)

/** A name is its own and only spelling. Throws 400. */
export function normalizeName(name: string): string {
  if (isName(name)) return name
  throw invalid(
    `package name ${JSON.stringify(name.slice(0, 100))} is not allowed: 2 to ${maxLength} lower-case letters, digits, '+', '-' and '.' (ASCII), beginning with a letter or digit`,
  )
}

export const nameRules: NameRules = { normalize: normalizeName }

/** Whether it is the name of an architecture: `amd64`, `all`, `kfreebsd-any`. */
export const isArchitecture = (text: string): boolean => /^[a-z0-9][a-z0-9-]{1,63}$/.test(text)

/** Of `name` or `name (version)`, as files name the source package that they come from; undefined for anything else. */
export function readSourceName(
  text: string,
): { readonly name: string; readonly version?: string } | undefined {
  const [, name = '', version] = /^([^ ()]+)(?: +\(([^ ()]+)\))?$/.exec(text) ?? []
  if (!isName(name)) return undefined
  if (version === undefined) return { name }
  return readVersion(version) ? { name, version } : undefined
}
