/** One group with a project of one openness, and in it what every route needs to be called validly. */
import { hash } from 'node:crypto'
import { deleteGroup, deleteProject } from '../../src/core/owners/delete.ts'
import { findGroup } from '../../src/core/records/groups.ts'
import { ownOrigin } from '../../src/core/records/events.ts'
import { findProject } from '../../src/core/records/projects.ts'
import { insertToken, type TokenOwner } from '../../src/core/records/tokens.ts'
import { hashToken, makeToken } from '../../src/lib/tokens.ts'
import type { Format } from '../../src/formats/format.ts'
import type { FormatCases, Published } from '../../src/formats/testing/access-cases.ts'
import type { Visibility } from '../../src/database/schema.ts'
import type { TestApp } from '../app.ts'
import type { Openness } from './expected.ts'

export interface Place extends SomePackages {
  readonly openness: Openness
  readonly group: Named
  readonly project: Named
  /** Beside `project`, in the same group. */
  readonly sibling: Named
  /** Deleted, and restorable: a project in the group, and a group in it. */
  readonly goneProject: Named
  readonly goneGroup: Named
  /** A guest of group and project, and a user who is nobody there. */
  readonly member: Named
  readonly newcomer: Named
  /** The sibling's package and file: of no number of `project`. */
  readonly siblingFiles: Pick<SomePackages, 'packageId' | 'fileId'>
  /** A token of each kind on project and group, a token of the administrator's, and the text of one nobody needs. */
  readonly tokens: Readonly<Record<'project' | 'group', Readonly<Record<'access' | 'deploy', number>>>>
  readonly trusts: Readonly<Record<'project' | 'group', number>>
  readonly rootId: number
  readonly rootTokenId: number
  readonly leakedToken: string
  /** A rule about names that nothing here has. */
  readonly ruleId: number
  readonly reservationId: number
  readonly mixingId: number
  readonly hooks: Readonly<Record<'project' | 'group', number>>
  /** Of a publication in the project. */
  readonly eventId: number
  /** What stands in the project in each format. */
  readonly published: ReadonlyMap<string, Published>
}
interface SomePackages {
  /** A package that lists show, its two files, one of them removed; another version, removed. */
  readonly packageId: number
  readonly removedPackageId: number
  readonly fileId: number
  readonly removedFileId: number
  /** The sha256 of the first file: no URL holds it; and its bytes. */
  readonly sha256: string
  readonly bytes: string
}
export interface Named {
  readonly id: number
  readonly path: string
}

export const groupOf = (openness: Openness) => `acme-${openness}`

/** Makes the place. Publishes with `cases` in each format. */
export async function makePlace(
  app: TestApp,
  openness: Openness,
  formats: readonly (readonly [Format<any>, FormatCases])[],
): Promise<Place> {
  const path = groupOf(openness)
  const visibility = openness === 'pull' ? 'private' : openness
  const named = async (what: string) => {
    const { id, full_path: full } = await app.project(`${path}/${what}`, { visibility })
    return { id, path: full }
  }
  const project = await named('app')
  const group = await app.group(path)
  const packages_access = openness === 'pull' ? 'public' : 'enabled'
  await app.core.database.write((db) =>
    db.updateTable('projects').set({ packages_access }).where('group_id', '=', group.id).execute(),
  )
  const sibling = await named('other')
  const people = await somePeople(app, path)
  const files = await somePackages(app, project)
  const { packageId, fileId } = await somePackages(app, sibling)
  const published = new Map<string, Published>()
  for (const [format, cases] of formats) {
    published.set(format.id, await publishIn(app, format, cases, path, project))
  }
  return {
    openness,
    group: { id: group.id, path },
    project,
    sibling,
    ...(await goneOwners(app, path, visibility)),
    ...people,
    ...files,
    siblingFiles: { packageId, fileId },
    ...(await someTokens(app, project, group)),
    ...(await someSettings(app, project, group)),
    trusts: {
      project: await trustAt(app, { project_id: project.id }),
      group: await trustAt(app, { group_id: group.id }),
    },
    published,
  }
}

async function somePeople(app: TestApp, path: string) {
  const member = await app.user(`member-of-${path}`)
  await app.member(member, path, 10)
  await app.member(member, `${path}/app`, 10)
  const newcomer = await app.user('newcomer')
  const named = ({ id, username }: { id: number; username: string }) => ({ id, path: username })
  return { member: named(member), newcomer: named(newcomer) }
}

async function goneOwners(app: TestApp, path: string, visibility: Visibility) {
  const { id: projectId } = await app.project(`${path}/gone`, { visibility })
  const { id: groupId } = await app.group(`${path}/gone-group`, { visibility })
  const { core } = app
  const admin = { kind: 'user', userId: app.root.id, username: 'root', admin: true } as const
  const acting = { core, generation: await core.freshness.current(), principal: admin, origin: ownOrigin }
  await deleteProject(acting, (await findProject(core.database.read, projectId))!)
  await deleteGroup(acting, (await findGroup(core.database.read, groupId))!)
  return {
    goneProject: { id: projectId, path: `${path}/gone` },
    goneGroup: { id: groupId, path: `${path}/gone-group` },
  }
}

/** By the format whose packages are any files: what REST and the web show of all formats is the same. */
async function somePackages({ root, core }: TestApp, { id }: Named): Promise<SomePackages> {
  const at = `/api/v4/projects/${id}/packages`
  const put = async (path: string, body: string) => root.json('PUT', `${at}/generic/rest/${path}`, body)
  const bytes = `bytes of project ${id}`
  await put('1.0.0/kept.txt', bytes)
  await put('1.0.0/removed.txt', 'removed')
  await put('2.0.0/removed.txt', 'removed too')
  const packages: any[] = await root.json('GET', `${at}?package_name=rest&order_by=version`)
  const [packageId, removedPackageId] = packages.map((one) => one.id as number) as [number, number]
  const files: any[] = await root.json('GET', `${at}/${packageId}/package_files`)
  const [fileId, removedFileId] = files.map((one) => one.id as number) as [number, number]
  await root.json('DELETE', `${at}/${packageId}/package_files/${removedFileId}`)
  await root.json('DELETE', `${at}/${removedPackageId}`)
  const old = core.clock() - 7_200_000
  await core.database.write((db) =>
    db
      .updateTable('packages')
      .set({ created_at: old, creator_id: null })
      .where('project_id', '=', id)
      .execute(),
  )
  return { packageId, removedPackageId, fileId, removedFileId, bytes, sha256: hash('sha256', bytes) }
}

async function someTokens(app: TestApp, project: Named, group: { readonly id: number }) {
  const { core } = app
  const kinds = { project: { project_id: project.id }, group: { group_id: group.id } }
  const now = core.clock()
  return core.database.write(async (db) => {
    const add = async (owner: TokenOwner, name: string, text = makeToken('ept_')) => {
      const wish = { createdBy: null, name, hash: hashToken(text), scopes: ['read_package_registry'] }
      const { id } = await insertToken(db, { owner, ...wish, expiresAt: now + 86_400_000 }, now)
      return { id, text }
    }
    const ownedBy = async (kind: 'project' | 'group') => ({
      access: (await add({ kind, ...kinds[kind], role: 10 }, 'access of the place')).id,
      deploy: (await add({ kind: 'deploy', ...kinds[kind], role: 20, username: 'd' }, 'deploy of the place'))
        .id,
    })
    const root = { kind: 'personal', user_id: app.root.id } as const
    return {
      tokens: { project: await ownedBy('project'), group: await ownedBy('group') },
      rootId: app.root.id,
      rootTokenId: (await add(root, 'token of the administrator')).id,
      leakedToken: (await add(root, 'leaked')).text,
    }
  })
}

/** Makes a trust beside the interfaces; its number. */
export async function trustAt(
  { core }: TestApp,
  on: { readonly project_id: number } | { readonly group_id: number },
  role = 10,
  scopes: readonly string[] = ['read_package_registry'],
  namePatterns?: readonly string[],
): Promise<number> {
  const row = await core.database.write((db) =>
    db
      .insertInto('trusts')
      .values({
        ...on,
        name: 'trust of the place',
        issuer: 'https://ci.example',
        conditions: JSON.stringify({ project_path: 'acme/app' }),
        role,
        scopes: scopes.join(' '),
        name_patterns: namePatterns === undefined ? null : JSON.stringify(namePatterns),
        created_at: core.clock(),
      })
      .returning('id')
      .executeTakeFirstOrThrow(),
  )
  return row.id
}

async function someSettings(
  { core, root }: TestApp,
  { id: project_id }: Named,
  { id: groupId }: { readonly id: number },
) {
  const add = async (path: string, body: object): Promise<number> =>
    (await root.json('POST', `/api/v4${path}`, body)).id
  const hook = { url: 'https://localhost:9/x', enabled: false }
  const rule = { format: 'generic', pattern: 'kept-*', push_level: 50, delete_level: null, only_by: null }
  const ruleId = await core.database.write((db) =>
    db
      .insertInto('protection_rules')
      .values({ ...rule, project_id, created_at: core.clock() })
      .returning('id')
      .executeTakeFirstOrThrow(),
  )
  const event = await core.database.read
    .selectFrom('events')
    .select('id')
    .where('project_id', '=', project_id)
    .where('kind', '=', 'package.published')
    .executeTakeFirstOrThrow()
  return {
    ruleId: ruleId.id,
    eventId: event.id,
    reservationId: await add(`/groups/${groupId}/name_reservations`, {
      format: 'generic',
      pattern: 'reserved-*',
    }),
    mixingId: await add(`/groups/${groupId}/mixing`, {
      format: 'generic',
      pattern: 'mixed-*',
      project_ids: [project_id],
    }),
    hooks: {
      project: await add(`/projects/${project_id}/hooks`, hook),
      group: await add(`/groups/${groupId}/hooks`, hook),
    },
  }
}

async function publishIn(
  { root, core }: TestApp,
  { id: formatId }: Format<any>,
  cases: FormatCases,
  group: string,
  project: Named,
): Promise<Published> {
  const prefix = `/api/v4/projects/${project.id}/packages/${formatId}`
  const name = cases.name({ group, project: project.path })
  for (const { method, path, headers = {}, body } of cases.publish(name)) {
    const reply = await root.request(method, prefix + path, { headers, body })
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`)
    await reply.arrayBuffer()
  }
  const old = core.clock() - 7_200_000
  await core.database.write((db) =>
    db
      .updateTable('packages')
      .set({ created_at: old, creator_id: null })
      .where('project_id', '=', project.id)
      .where('format', '=', formatId)
      .where('status', '=', 'default')
      .execute(),
  )
  const row = await core.database.read
    .selectFrom('names')
    .select(['id', 'revision'])
    .where('project_id', '=', project.id)
    .where('format', '=', formatId)
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow()
  return { name, revision: `${row.revision}-${row.id}` }
}
