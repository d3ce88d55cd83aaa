import type { Outcome } from './outcome.ts'
import { readSource } from './repository.ts'

interface LockEntry {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}
/** What we read of npm's lock file, version 3: entries by path, '' being ourselves. */
export interface LockFile {
  readonly packages: Readonly<Record<string, LockEntry>>
}

/** `npm ci` can install from the lock file alone, on every platform, from whatever registry is configured. */
export function checkLockFile(): Outcome {
  const lock = JSON.parse(readSource('package-lock.json')) as LockFile
  return { problems: lockProblems(lock), note: `${Object.keys(lock.packages).length - 1} packages` }
}

/** npm drops a platform's package without a word when the registry lacks it, and then refuses its own lock file. */
export function lockProblems({ packages }: LockFile): string[] {
  const problems: string[] = []
  const incomplete = new Map<string, number>()
  for (const [path, entry] of Object.entries(packages)) {
    if (path === '') continue
    if (entry.integrity === undefined) problems.push(`${path} has no integrity`)
    if (entry.resolved !== undefined) problems.push(`${path} names the registry that it came from`)
    const wanted = Object.keys(entry.optionalDependencies ?? {})
    const missing = wanted.filter((name) => !isThere(packages, path, name)).length
    if (missing > 0) incomplete.set(path, missing)
  }
  for (const [path, missing] of incomplete) {
    problems.push(
      `${path} lacks ${missing} of its optional packages: npm ci will refuse; pin a version that is complete`,
    )
  }
  return problems
}

/** Looks where Node would: in the package's own node_modules, then in each one above. */
function isThere(packages: LockFile['packages'], path: string, name: string): boolean {
  for (let place = path; ; place = place.slice(0, Math.max(0, place.lastIndexOf('/node_modules/')))) {
    if (packages[`${place === '' ? '' : `${place}/`}node_modules/${name}`]) return true
    if (place === '') return false
  }
}
