/** Makes users, groups and projects beside the interfaces, so that a test of one need not go through another. */
import { createPersonalToken } from '../src/core/access/personal-token.ts'
import type { Core } from '../src/core/core.ts'
import { ownOrigin } from '../src/core/records/events.ts'
import { createGroup, findGroup } from '../src/core/records/groups.ts'
import { addMember } from '../src/core/records/members.ts'
import { findPaths } from '../src/core/records/paths.ts'
import { createProject } from '../src/core/records/projects.ts'
import { createUser, findUserByName } from '../src/core/records/users.ts'
import type { Db } from '../src/database/database.ts'
import type { GroupRow, Visibility } from '../src/database/schema.ts'

export interface Made {
  readonly id: number
  readonly full_path: string
}

/** The user of this name, made where missing, with a fresh token. */
export function makeUser(
  core: Core,
  username: string,
  { admin = false, scopes = ['api'] }: { readonly admin?: boolean; readonly scopes?: readonly string[] },
): Promise<{ id: number; username: string; token: string }> {
  const now = core.clock()
  return core.database.write(async (db) => {
    const user = (await findUserByName(db, username)) ?? (await createUser(db, { username, admin }, now))
    const { text } = await createPersonalToken(db, { userId: user.id, name: 'test', scopes }, ownOrigin, now)
    return { id: user.id, username, token: text }
  })
}

export function makeGroup(core: Core, fullPath: string, visibility: Visibility): Promise<Made> {
  return core.database.write((db) => groupAt(db, fullPath, visibility, core.clock()))
}

export function makeProject(core: Core, fullPath: string, visibility: Visibility): Promise<Made> {
  const now = core.clock()
  return core.database.write(async (db) => {
    const [known] = await findPaths(db, [fullPath])
    if (known?.project_id) return { id: known.project_id, full_path: fullPath }
    const at = fullPath.lastIndexOf('/')
    if (at < 0) throw new Error(`${fullPath} is no project's path: projects stand in groups`)
    const group = await groupAt(db, fullPath.slice(0, at), visibility, now)
    const path = fullPath.slice(at + 1)
    return createProject(db, { name: path, path, visibility, group }, now)
  })
}

export async function makeMember(core: Core, userId: number, fullPath: string, role: number): Promise<void> {
  await core.database.write(async (db) => {
    const [found] = await findPaths(db, [fullPath])
    if (!found) throw new Error(`there is neither a group nor a project ${fullPath}`)
    const of = found.project_id ? { project_id: found.project_id } : { group_id: found.group_id! }
    await addMember(db, { userId, of, role }, core.clock())
  })
}

async function groupAt(db: Db, fullPath: string, visibility: Visibility, now: number): Promise<GroupRow> {
  const [known] = await findPaths(db, [fullPath])
  if (known?.group_id) return (await findGroup(db, known.group_id))!
  const at = fullPath.lastIndexOf('/')
  const parent = at < 0 ? undefined : await groupAt(db, fullPath.slice(0, at), visibility, now)
  const path = fullPath.slice(at + 1)
  return createGroup(db, { name: path, path, visibility, parent }, now)
}
