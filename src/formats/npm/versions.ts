/** Versions: Semantic Versioning 2.0.0 as npm reads it. Build metadata names no other version and is left out. */
import semverCompare from 'semver/functions/compare.js'
import semverValid from 'semver/functions/valid.js'
import type { VersionRules } from '../format.ts'
import { invalid } from '../../lib/problem.ts'

/** `v1.0.0+build` is `1.0.0`; undefined for anything that is no version. */
export function readVersion(version: unknown): string | undefined {
  if (typeof version !== 'string' || !/^[\x21-\x7e]{1,256}$/.test(version)) return undefined
  return semverValid(version) ?? undefined
}

/** The same; throws 400 for anything that is no version. */
export function normalizeVersion(version: string): string {
  const clean = readVersion(version)
  if (clean === undefined)
    throw invalid(`version ${JSON.stringify(version.slice(0, 100))} is not a semantic version`)
  return clean
}

/** The order of semver on normalised versions; quick where no pre-release decides, for names of many versions. */
export function compareVersions(a: string, b: string): number {
  let at = 0
  let bt = 0
  for (let field = 0; field < 3; field++, at++, bt++) {
    let left = 0
    let right = 0
    for (; isDigit(a, at); at++) left = left * 10 + a.charCodeAt(at) - 48
    for (; isDigit(b, bt); bt++) right = right * 10 + b.charCodeAt(bt) - 48
    if (left !== right) return left < right ? -1 : 1
  }
  const [aIsPrerelease, bIsPrerelease] = [a.length >= at, b.length >= bt]
  if (aIsPrerelease && bIsPrerelease) return semverCompare(a, b)
  return Number(bIsPrerelease) - Number(aIsPrerelease)
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 48 && code <= 57
}

export const isPrerelease = (version: string) => version.includes('-')

export const versionRules: VersionRules = {
  normalize: normalizeVersion,
  compare: compareVersions,
  isPrerelease,
}
