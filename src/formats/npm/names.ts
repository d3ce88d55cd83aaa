/** Package names: npm's rules for new packages, which are stricter than what its registry once accepted. */
import { invalid, notFound } from '../../lib/problem.ts'

const scopeRule = /^@[a-z0-9_][a-z0-9._-]*$/
const nameRule = /^[a-z0-9][a-z0-9._-]*$/
/** What npm's registry took before it had these rules: all that a URL need not encode, in any case. */
const oldScopeRule = /^@[A-Za-z0-9_~!*'()-][A-Za-z0-9._~!*'()-]*$/
const oldNameRule = /^[A-Za-z0-9~!*'()][A-Za-z0-9._~!*'()-]*$/
/** Behind a scope a name begins with anything but a dot. A hyphen alone would be taken for the mark of our other routes. */
const oldScopedNameRule = /^(?!-$)[A-Za-z0-9_~!*'()-][A-Za-z0-9._~!*'()-]*$/
/** File and folder names that clients could not tell from a package. */
const reserved = new Set(['node_modules', 'favicon.ico'])
const maxLength = 214

/** Checks `hello` or `@scope/hello`; the only spelling of a name is its own. Throws 400 saying which rule is broken. */
export function normalizeName(name: string): string {
  if (name.length > maxLength) throw invalid(`package name is longer than ${maxLength} characters`)
  if (name !== name.toLowerCase()) throw invalid(`package name ${JSON.stringify(name)} must be lower case`)
  const { scope, base, name: whole } = splitPath(name)
  if (whole !== name || !nameRule.test(base) || (scope !== '' && !scopeRule.test(scope))) {
    throw invalid(
      `package name ${JSON.stringify(name)} is not allowed: it is "name" or "@scope/name" of letters, digits, ".", "_" and "-", ` +
        'and begins with a letter or digit',
    )
  }
  if (reserved.has(base)) throw invalid(`package name ${JSON.stringify(name)} is reserved`)
  return name
}

/** Checks a name that a registry elsewhere may have, as old as it may be; its only spelling is its own. Throws 400. */
export function normalizeRemoteName(name: string): string {
  if (!isRemoteName(name)) {
    throw invalid(`package name ${JSON.stringify(name.slice(0, 250))} is none that npm's clients ask for`)
  }
  return name
}

/** Whether `normalizeRemoteName` takes it, as npm's clients do (validForOldPackages). */
export function isRemoteName(name: string): boolean {
  if (name.length > maxLength) return false
  const { scope, base, name: whole } = splitPath(name)
  if (whole !== name || reserved.has(base.toLowerCase())) return false
  return scope === '' ? oldNameRule.test(base) : oldScopeRule.test(scope) && oldScopedNameRule.test(base)
}

/** The name as asked for by a reader: one that neither we nor an upstream can have is not there (404). */
export function readableName(name: string): string {
  if (!isRemoteName(name)) throw packageNotFound()
  return name
}

export const packageNotFound = () => notFound('404 Package Not Found')

/** Instance level: the scope is the path of the top-level group. */
export function ownerOf(name: string): string | undefined {
  const { scope } = splitPath(name)
  return scope === '' ? undefined : scope.slice(1)
}

/** Takes `@scope/name/rest` or `name/rest` apart; what is missing is the empty string. */
export function splitPath(path: string): { scope: string; base: string; name: string; rest: string } {
  if (!path.startsWith('@')) {
    const { first: base, rest } = splitFirst(path)
    return { scope: '', base, name: base, rest }
  }
  const { first: scope, rest: unscoped } = splitFirst(path)
  const { first: base, rest } = splitFirst(unscoped)
  return { scope, base, name: `${scope}/${base}`, rest }
}

function splitFirst(path: string): { first: string; rest: string } {
  const slash = path.indexOf('/')
  return slash < 0 ? { first: path, rest: '' } : { first: path.slice(0, slash), rest: path.slice(slash + 1) }
}

/** Path of a version's tarball in the registry: `@acme/hello/-/hello-1.0.0.tgz`. */
export function tarballPath(name: string, version: string): string {
  return `${name}/-/${splitPath(name).base}-${version}.tgz`
}

/** Path of a version's attestations in the registry: `-/npm/v1/attestations/@acme/hello@1.0.0`. */
export function attestationsPath(name: string, version: string): string {
  return `-/npm/v1/attestations/${name}@${version}`
}
