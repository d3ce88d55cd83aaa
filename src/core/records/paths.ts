import type { Db } from '../../database/database.ts'
import { conflict, invalid } from '../../lib/problem.ts'

const segmentRule = /^[a-zA-Z0-9_](?:[a-zA-Z0-9_.-]{0,253}[a-zA-Z0-9_])?$/
const reservedEndings = ['.git', '.atom']

/** First path segments that are addresses of ours, so no top-level group may have them. */
export const reservedPaths: ReadonlySet<string> = new Set([
  'admin',
  'api',
  'assets',
  'explore',
  'groups',
  'health',
  'login',
  'packages',
  'password',
  'projects',
  'search',
  'setup',
  'sign-in',
  'sign-out',
  'sign_in',
  'sign_out',
  'static',
  'tokens',
  'users',
  'v2',
])

/** Checks one segment of a group's or project's path. Throws 400 saying what is allowed. */
export function checkPathSegment(path: string, isTopLevel: boolean): void {
  if (!segmentRule.test(path) || reservedEndings.some((ending) => path.toLowerCase().endsWith(ending))) {
    throw invalid(
      'path may hold letters, digits, "_", "." and "-" (255 at most); it neither starts nor ends with "." or "-", nor ends in .git or .atom',
    )
  }
  if (isTopLevel && reservedPaths.has(path.toLowerCase())) throw invalid(`path ${path} is reserved`)
}

/** The spelling that equal paths share: ASCII, case-insensitive. */
export const pathKey = (fullPath: string) => fullPath.toLowerCase()

/** Takes the path for a group or project. Throws 409 if it is held, or once held packages. */
export async function takePath(
  db: Db,
  fullPath: string,
  owner: { readonly group_id: number } | { readonly project_id: number },
): Promise<void> {
  const key = pathKey(fullPath)
  const taken = await db.selectFrom('paths').select('state').where('key', '=', key).executeTakeFirst()
  if (taken?.state === 'gone') {
    throw conflict(
      `path ${fullPath} once held packages and is not given out again until an administrator releases it`,
    )
  }
  if (taken) throw conflict(`path ${fullPath} has already been taken`)
  await db
    .insertInto('paths')
    .values({ key, group_id: null, project_id: null, state: 'held', ...owner })
    .execute()
}

export interface PathOwner {
  readonly key: string
  readonly group_id: number | null
  readonly project_id: number | null
  readonly state: 'held' | 'gone'
}

/** Which of these paths exist, longest first. */
export async function findPaths(db: Db, fullPaths: readonly string[]): Promise<readonly PathOwner[]> {
  const rows = await db.selectFrom('paths').selectAll().where('key', 'in', fullPaths.map(pathKey)).execute()
  return rows.sort((a, b) => b.key.length - a.key.length)
}
