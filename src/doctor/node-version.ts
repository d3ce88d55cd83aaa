import { ok, problem, warning, type Finding } from './finding.ts'

/** The major version that package.json pins. */
const pinned = 24

export function lookAtNode(version: string): Finding {
  const major = Number(/^v?(\d+)/.exec(version)?.[1])
  if (major === pinned) return ok('Node', version)
  const advice =
    'run `npm ci`, and start by entrepot.mjs, which takes the version that belongs to this program'
  if (major > pinned)
    return warning('Node', `${version} is newer than what this was tested with (${pinned})`, advice)
  return problem('Node', `${version} is too old: ${pinned} is needed`, advice)
}
