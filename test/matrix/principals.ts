/** Everybody who tries every door: made for one place, with what they are there by the rules. */
import { startSession } from '../../src/core/access/sessions.ts'
import { ownOrigin } from '../../src/core/records/events.ts'
import { insertToken, revokeToken, type TokenOwner } from '../../src/core/records/tokens.ts'
import { hashToken, makeToken } from '../../src/lib/tokens.ts'
import type { Actor, TestApp } from '../app.ts'
import { scopes as allScopes, type Scope, type Standing } from './expected.ts'
import { trustAt, type Place } from './place.ts'

export interface Principal {
  readonly name: string
  /** What it is on the project, on the group, and at best on anything below the group. */
  readonly project: Standing
  readonly group: Standing
  readonly below: Standing
  /** Machines are no persons; nobody is one without a credential that counts. */
  readonly isPerson: boolean
  /** Jobs reach few routes of REST. */
  readonly isJob: boolean
  /** Its trust lets it write names that nothing here has. */
  readonly isForOtherNames: boolean
  /** A credential that is worth nothing is refused, not ignored. */
  readonly isValid: boolean
  /** Of the presented token. */
  readonly scopes: readonly Scope[] | undefined
  readonly headers: Readonly<Record<string, string>>
  /** Of persons. */
  readonly userId: number | undefined
}

const roles = { guest: 10, reporter: 20, developer: 30, maintainer: 40, owner: 50 } as const
type Role = keyof typeof roles
const roleNames = Object.keys(roles) as Role[]
const day = 86_400_000

type Somebody = Partial<Principal> & Pick<Principal, 'name'>

/** Jobs and deploy tokens come in headers of their own. */
const carriers: Partial<Record<TokenOwner['kind'], string>> = { job: 'job-token', deploy: 'deploy-token' }

function principal(somebody: Somebody, token?: string, kind: TokenOwner['kind'] = 'personal'): Principal {
  const project = somebody.project ?? 'anonymous'
  return {
    project,
    group: project,
    below: project,
    isPerson: false,
    isForOtherNames: false,
    isValid: true,
    isJob: kind === 'job',
    scopes: undefined,
    headers: token === undefined ? {} : { [carriers[kind] ?? 'private-token']: token },
    userId: undefined,
    ...somebody,
  }
}

const nobody = (name: string, headers: Readonly<Record<string, string>> = {}) => principal({ name, headers })

interface Known {
  readonly actor: Actor
  readonly standing: Pick<Principal, 'project' | 'group' | 'below'>
}

/** The users by what they are in this place. */
async function people(app: TestApp, { group, project, openness }: Place): Promise<Map<string, Known>> {
  const known = new Map<string, Known>()
  const on = (projectIs: Standing, groupIs: Standing) => ({
    project: projectIs,
    group: groupIs,
    below: projectIs,
  })
  for (const role of roleNames) {
    const direct = await app.user(`${role}-of-app-${openness}`)
    await app.member(direct, project.path, roles[role])
    known.set(`${role}, direct`, { actor: direct, standing: on(role, 'stranger') })
    const inherited = await app.user(`${role}-of-group-${openness}`)
    await app.member(inherited, group.path, roles[role])
    known.set(`${role}, inherited`, { actor: inherited, standing: on(role, role) })
  }
  known.set('stranger', { actor: await app.user('stranger'), standing: on('stranger', 'stranger') })
  const former = await app.user(`former-${openness}`)
  await app.member(former, group.path, roles.owner)
  await app.core.database.write((db) =>
    db
      .updateTable('members')
      .set({ expires_at: app.clock.now() - 1 })
      .where('user_id', '=', former.id)
      .execute(),
  )
  known.set('owner whose role ran out', { actor: former, standing: on('stranger', 'stranger') })
  known.set('administrator', { actor: app.root, standing: on('admin', 'admin') })
  return known
}

/** Callers of REST and package routes. */
export async function tokenPrincipals(app: TestApp, place: Place): Promise<Principal[]> {
  const known = await people(app, place)
  const found: Principal[] = [nobody('anonymous')]
  for (const [name, { actor, standing }] of known) {
    const person = { name, ...standing, isPerson: true, scopes: ['api'], userId: actor.id } as const
    found.push(principal(person, actor.token))
  }
  for (const name of ['owner, inherited', 'administrator']) {
    const { actor, standing } = known.get(name)!
    for (const scope of allScopes.slice(1)) {
      const { token } = await app.withScopes(actor, scope)
      const person = { ...standing, isPerson: true, scopes: [scope], userId: actor.id } as const
      found.push(principal({ name: `${name}, ${scope}`, ...person }, token))
    }
  }
  const owner = known.get('owner, inherited')!.actor
  const secret = await app.core.database.write((db) => startSession(db, owner, ownOrigin, app.clock.now()))
  found.push(nobody('cookie of an owner', { cookie: `entrepot_session=${secret}` }))
  return [...found, ...(await machines(app, place)), ...(await worthless(app, place, owner))]
}

/** Makes a token beside the interfaces; its text. */
async function insert(
  { core }: TestApp,
  owner: TokenOwner,
  scopes: readonly string[],
  expiresAt: number | null = null,
): Promise<{ readonly id: number; readonly text: string }> {
  const text = makeToken('ept_')
  const wish = { owner, createdBy: null, name: 'matrix', hash: hashToken(text), scopes, expiresAt }
  const row = await core.database.write((db) => insertToken(db, wish, core.clock()))
  return { id: row.id, text }
}

async function machines(app: TestApp, place: Place): Promise<Principal[]> {
  const found: Principal[] = []
  const add = async (name: string, is: Partial<Principal>, owner: TokenOwner, scopes: readonly Scope[]) => {
    const machine = { name: `${name}, ${scopes.join(' ')}`, group: 'outsider', ...is, scopes } as const
    found.push(principal(machine, (await insert(app, owner, scopes)).text, owner.kind))
  }
  const at = { project_id: place.project.id }
  const aside = { project_id: place.sibling.id }
  const inGroup = { group_id: place.group.id }
  for (const scope of allScopes) {
    const scopes = [scope]
    await add('project token', { project: 'maintainer' }, { kind: 'project', ...at, role: 40 }, scopes)
    await add(
      'group token',
      { project: 'owner', group: 'owner' },
      { kind: 'group', ...inGroup, role: 50 },
      scopes,
    )
    const trusting = await trustAt(app, at, 30, scopes)
    await add('job', { project: 'developer' }, { kind: 'job', ...at, trust_id: trusting }, scopes)
    const other = await trustAt(app, aside, 40, scopes)
    const stranger = { project: 'outsider', below: 'maintainer' } as const
    await add('job of another project', stranger, { kind: 'job', ...aside, trust_id: other }, scopes)
  }
  for (const scope of ['read_package_registry', 'write_package_registry'] as const) {
    const username = `deploy-${place.openness}-${scope}`
    const owner = { kind: 'deploy', role: 30, username } as const
    await add('deploy token', { project: 'developer' }, { ...owner, ...at }, [scope])
  }
  await add('guest project token', { project: 'guest token' }, { kind: 'project', ...at, role: 10 }, ['api'])
  const limited = await trustAt(app, at, 40, ['api'], ['something-else-*'])
  const others = { project: 'maintainer', isForOtherNames: true } as const
  await add('job for other names', others, { kind: 'job', ...at, trust_id: limited }, ['api'])
  const elsewhere = await app.group('elsewhere')
  const stranger = { project: 'outsider' } as const
  await add('token of another group', stranger, { kind: 'group', group_id: elsewhere.id, role: 50 }, ['api'])
  return found
}

/** Credentials that once were good. */
async function worthless(app: TestApp, { project, openness }: Place, owner: Actor): Promise<Principal[]> {
  const now = app.clock.now()
  const { database } = app.core
  const api = ['api']
  const personal = { kind: 'personal', user_id: owner.id } as const
  const machine = { kind: 'project', project_id: project.id, role: 50 } as const
  const revoked = await insert(app, personal, api, now + day)
  const revokedMachine = await insert(app, machine, api, now + day)
  const gone = await trustAt(app, { project_id: project.id }, 40, api)
  const job = await insert(app, { kind: 'job', project_id: project.id, trust_id: gone }, api, now + day)
  const blocked = await app.user(`blocked-${openness}`)
  await app.member(blocked, project.path, roles.owner)
  await database.write(async (db) => {
    await revokeToken(db, revoked.id, now)
    await revokeToken(db, revokedMachine.id, now)
    await db.deleteFrom('trusts').where('id', '=', gone).execute()
    await db.updateTable('users').set({ state: 'blocked' }).where('id', '=', blocked.id).execute()
  })
  const dead = ([name, text]: [string, string]) =>
    principal({ name, isValid: false }, text, name.startsWith('job') ? 'job' : 'personal')
  const texts = {
    'expired token of an owner': (await insert(app, personal, api, now - 1)).text,
    'expired project token': (await insert(app, machine, api, now - 1)).text,
    'revoked token of an owner': revoked.text,
    'revoked project token': revokedMachine.text,
    'job of a deleted trust': job.text,
    'blocked owner': blocked.token,
    'made-up token': makeToken('ept_'),
  }
  return Object.entries(texts).map(dead)
}

/** Visitors of the web: those who are signed in, and those who only think so. */
export async function sessionPrincipals(app: TestApp, place: Place): Promise<Principal[]> {
  const { core, clock } = app
  const known = await people(app, place)
  const session = (actor: Actor) =>
    core.database.write((db) => startSession(db, actor, ownOrigin, clock.now()))
  const cookieOf = (secret: string) => ({ cookie: `entrepot_session=${secret}` })
  const found = [nobody('anonymous')]
  for (const [name, { actor, standing }] of known) {
    const headers = cookieOf(await session(actor))
    found.push(principal({ name, ...standing, isPerson: true, userId: actor.id, headers }))
  }
  const owner = known.get('owner, inherited')!.actor
  const over = await session(owner)
  const blocked = await app.user(`blocked-${place.openness}`)
  await app.member(blocked, place.project.path, roles.owner)
  const ofBlocked = await session(blocked)
  await core.database.write(async (db) => {
    await db.updateTable('users').set({ state: 'blocked' }).where('id', '=', blocked.id).execute()
    const end = { expires_at: clock.now() - 1 }
    await db.updateTable('sessions').set(end).where('hash', '=', hashToken(over)).execute()
  })
  return [
    ...found,
    nobody('session that is over', cookieOf(over)),
    nobody('session of a blocked owner', cookieOf(ofBlocked)),
    nobody('token of an owner', { 'private-token': owner.token }),
    nobody('token of an owner as a cookie', cookieOf(owner.token)),
  ]
}
