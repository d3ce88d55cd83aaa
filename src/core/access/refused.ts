import type { Problem } from '../../lib/problem.ts'
import type { Resource } from './authorize.ts'
import type { Permission } from './rights.ts'

/** What somebody was not allowed to do, and where. The answer does not tell; the audit log does. */
export interface Refused {
  readonly permission: Permission
  readonly projectId?: number
  readonly groupId?: number
}

const refusals = new WeakMap<Problem, Refused>()

/** Remembers with an error what it refuses. */
export function asRefusal(problem: Problem, permission: Permission, resource: Resource): Problem {
  const where =
    resource.kind === 'project'
      ? { projectId: resource.project.id }
      : resource.kind === 'group'
        ? { groupId: resource.group.id }
        : {}
  refusals.set(problem, { permission, ...where })
  return problem
}

/** What an error refuses, if `authorize` decided it. */
export const refusedIn = (problem: Problem): Refused | undefined => refusals.get(problem)
