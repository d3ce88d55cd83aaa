/** In a gathered registry one name has one owner, whoever asks. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Actor, TestApp } from '../../../test/app.ts'
import { change } from './records.ts'
import type { SamplePackage } from './samples.ts'
import { documents, download, withScene, type Scene, type Suite } from './scene.ts'

export function ownershipTests(suite: Suite): void {
  it('shows the package of the project that published a name first, and never another one', () =>
    checkOwner(suite))
  it('does not let a public project answer for a private owner', () => checkPublicShadow(suite))
}

/** Two projects that collide: `one` published first, `two` has other bytes and one version more. */
interface Collision {
  readonly one: string
  readonly two: string
  readonly oneId: number
  readonly owned: SamplePackage
  readonly shadowed: SamplePackage
  /** Only the shadowed project has this version. */
  readonly extra: SamplePackage
}

async function collide(
  suite: Suite,
  { app, projectAt, publish }: Scene,
  second: 'private' | 'public',
): Promise<Collision> {
  const { format, samples } = suite
  const name = format.names.owner ? samples.ownedName!('acme') : samples.names[0]
  const [version, newer] = samples.publishable
  const { id } = await app.project('acme/one')
  await app.project('acme/two')
  if (second === 'public') await openToAnyone(app, 'acme/two')
  const owned = { name, version, content: 'of the owner' }
  const shadowed = { name, version, content: 'of another project' }
  const extra = { name, version: newer, content: 'more of another project' }
  const collision = {
    one: projectAt('acme/one'),
    two: projectAt('acme/two'),
    oneId: id,
    owned,
    shadowed,
    extra,
  }
  await publish(app.root, collision.one, owned)
  await publish(app.root, collision.two, shadowed)
  await publish(app.root, collision.two, extra)
  return collision
}

/** Anyone may pull from the project, private as it is. */
async function openToAnyone({ core }: TestApp, path: string): Promise<void> {
  await core.database.write((db) =>
    db.updateTable('projects').set({ packages_access: 'public' }).where('full_path', '=', path).execute(),
  )
}

/** What a caller gets of the name at a level: the owner's package, or a refusal; throws if anything shadowed shows. */
async function seen(
  suite: Suite,
  caller: { readonly token: string },
  at: string,
  all: Collision,
): Promise<number> {
  const { owned, shadowed, extra } = all
  const got = await download(suite, caller, at, owned)
  assert.notDeepEqual(got.bytes, Buffer.from(suite.samples.file(shadowed).bytes), 'the shadowed bytes')
  if (got.status === 200) assert.deepEqual(got.bytes, Buffer.from(suite.samples.file(owned).bytes))
  const more = await download(suite, caller, at, extra)
  assert.ok([401, 403, 404].includes(more.status), `a shadowed version was answered with ${more.status}`)
  for (const document of await documents(suite, caller, at, extra))
    assert.ok(
      document.status !== 200 || !document.text.includes(extra.version),
      'a document shows a shadowed version',
    )
  for (const document of await documents(suite, caller, at, owned))
    assert.equal(document.status === 200, got.status === 200, 'document and file are refused alike')
  return got.status
}

async function checkOwner(suite: Suite): Promise<void> {
  await withScene(suite, async (scene) => {
    const { app, people, groupAt, instanceAt } = scene
    const collision = await collide(suite, scene, 'private')
    const withRole = async (name: string, role: 10 | 20, ...paths: string[]): Promise<Actor> => {
      const actor = await app.user(name)
      for (const path of paths) await app.member(actor, path, role)
      return actor
    }
    const callers: readonly (readonly [title: string, caller: { token: string }, status: number])[] = [
      ['anonymous', app.anonymous, 401],
      ['a stranger', await app.user('sam'), 404],
      ['a guest of the owner', await withRole('guest-1', 10, 'acme/one'), 404],
      ['a guest of the group', people.guest, 404],
      ['a reporter of the owner', await withRole('reporter-1', 20, 'acme/one'), 200],
      ['a reporter of the shadowed', await withRole('reporter-2', 20, 'acme/two'), 404],
      ['a reporter of both', await withRole('reporter-12', 20, 'acme/one', 'acme/two'), 200],
      ['a reporter of the group', people.reporter, 200],
      ['an owner of the group', people.owner, 200],
      ['an administrator', app.root, 200],
    ]
    for (const level of [groupAt, instanceAt]) {
      for (const [title, caller, status] of callers)
        assert.equal(await seen(suite, caller, level, collision), status, `${title} at ${level}`)
    }
    const own = await download(suite, people.reporter, collision.two, collision.shadowed)
    assert.deepEqual(
      own.bytes,
      Buffer.from(suite.samples.file(collision.shadowed).bytes),
      'at its own level it is served',
    )
    await change('remove', suite, app, collision.oneId, collision.owned)
    for (const [title, caller] of callers)
      assert.notEqual(
        await seen(suite, caller, groupAt, collision),
        200,
        `${title} after the owner removed it`,
      )
  })
}

async function checkPublicShadow(suite: Suite): Promise<void> {
  await withScene(suite, async (scene) => {
    const collision = await collide(suite, scene, 'public')
    const open = await download(suite, scene.app.anonymous, collision.two, collision.shadowed)
    assert.equal(open.status, 200, 'the shadowed project is open to anyone')
    for (const level of [scene.groupAt, scene.instanceAt]) {
      assert.equal(await seen(suite, scene.app.anonymous, level, collision), 401)
      assert.equal(await seen(suite, await scene.app.user('sam'), level, collision), 404)
    }
  })
}
