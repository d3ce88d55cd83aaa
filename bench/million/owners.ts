/** The groups and projects of a big server, and who may read what there. */
import type { Database, Db } from '../../src/database/database.ts'
import type { GroupRow, UserRow, Visibility } from '../../src/database/schema.ts'
import { createGroup } from '../../src/core/records/groups.ts'
import { addMember } from '../../src/core/records/members.ts'
import { createProject } from '../../src/core/records/projects.ts'
import { createUser } from '../../src/core/records/users.ts'
import { startSession } from '../../src/core/access/sessions.ts'
import { createPersonalToken } from '../../src/core/access/personal-token.ts'
import { ownOrigin } from '../../src/core/records/events.ts'
import type { Shape } from './shape.ts'

export interface Place {
  readonly id: number
  readonly rootId: number
  readonly rootPath: string
  readonly path: string
}

export interface Credentials {
  readonly token: string
  /** The secret of a session on the web. */
  readonly session: string
}

export interface Owners {
  readonly projects: readonly Place[]
  /** Where the packages stand that single reads are measured with. */
  readonly probe: Place
  /** The first top-level group: everything of one team. */
  readonly group: GroupRow
  /** Somebody who may read that group and, like everybody, what is public or internal: token and session. */
  readonly reader: Credentials
  readonly admin: Credentials
}

const visibilities: readonly Visibility[] = ['private', 'internal', 'public']

/** Makes them in one transaction. */
export function makeOwners(database: Database, shape: Shape, now: number): Promise<Owners> {
  return database.write(async (db) => {
    const tops: GroupRow[] = []
    for (let index = 0; index < shape.topGroups; index++) {
      const path = `team-${index}`
      tops.push(await createGroup(db, { name: path, path, visibility: visibilities[index % 3]! }, now))
    }
    const groups: GroupRow[] = []
    for (let index = 0; index < shape.subgroups; index++) {
      const parent = tops[index % tops.length]!
      const path = `area-${index}`
      groups.push(await createGroup(db, { name: path, path, visibility: parent.visibility, parent }, now))
    }
    const make = async (group: GroupRow, path: string): Promise<Place> => {
      const row = await createProject(db, { name: path, path, visibility: group.visibility, group }, now)
      const rootPath = row.full_path.slice(0, row.full_path.indexOf('/'))
      return { id: row.id, rootId: row.root_id, rootPath, path: row.full_path }
    }
    const projects: Place[] = []
    for (let index = 0; index < shape.projects; index++) {
      projects.push(await make(groups[index % groups.length]!, `project-${index}`))
    }
    const user = await createUser(db, { username: 'reader', admin: false }, now)
    await addMember(db, { userId: user.id, of: { group_id: tops[0]!.id }, role: 20 }, now)
    const boss = await createUser(db, { username: 'boss', admin: true }, now)
    return {
      projects,
      probe: await make(tops[0]!, 'probe'),
      group: tops[0]!,
      reader: await credentialsOf(db, user),
      admin: await credentialsOf(db, boss),
    }
  })
}

async function credentialsOf(db: Db, user: UserRow): Promise<Credentials> {
  const wish = { userId: user.id, name: 'bench', scopes: ['api'] }
  const { text } = await createPersonalToken(db, wish, ownOrigin, Date.now())
  return { token: text, session: await startSession(db, user, ownOrigin, Date.now()) }
}
