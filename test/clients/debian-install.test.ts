/** apt updates, chooses and installs, and sees no more than it may. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { poolFolder } from '../../src/formats/debian/pool.ts'
import { debName } from '../../src/formats/debian/sample-uploads.ts'
import { ask, askText, aptFor, install, keyOf, publishDeb, seenBy, suite } from './support/debian.ts'
import { startRecorder } from './support/recorder.ts'
import type { Server } from './support/server.ts'
import { story } from './support/story.ts'
import { withTokens } from './support/tokens.ts'
import { addProject, makeWorld, post, sharedServer, type World } from './support/world.ts'

const server = sharedServer()
const apt = ['apt-get', 'apt-cache', 'gpgv', 'dpkg', 'curl', 'prlimit']

const ofProject = (world: World, id: number) => ({
  url: `${world.server.url}/api/v4/projects/${id}/packages/debian`,
  token: world.token,
})
const registryOf = (world: World, level?: 'project' | 'group') => ({
  url: world.address('debian', level),
  token: world.token,
})

story('apt reads and curl publishes with the tokens of every kind', apt, async (home) => {
  await withTokens(async ({ world, tokens }) => {
    for (const { kind, token, username } of tokens) {
      const name = `by-${kind}`
      const registry = { url: world.address('debian'), token, username }
      await publishDeb(home, registry, { name, version: '1.0' })
      const client = await aptFor(home, registry)
      assert.deepEqual(await seenBy(client, name), { [name]: '1.0' })
      assert.deepEqual(await install(home, client, [name]), [`${name} 1.0`])
    }
    const key = await keyOf(registryOf(world))
    for (const token of [undefined, 'nonsense']) {
      const registry = { url: world.address('debian'), ...(token !== undefined && { token }) }
      const stranger = await aptFor(home, registry, { key })
      const outcome = await stranger.attempt('apt-get', 'update', '--error-on=any')
      assert.notEqual(outcome.code, 0, outcome.transcript)
      assert.match(outcome.transcript, /401 {2}Unauthorized/)
      assert.equal(await stranger.candidate('by-personal'), undefined)
    }
  })
})

story('anybody installs from what is public, with what it depends on', apt, async (home) => {
  const world = await makeWorld(server(), 'public')
  const registry = registryOf(world)
  for (const version of ['1.9', '1.10~rc1', '1.10', '1:0.5~a']) {
    await publishDeb(home, registry, { name: 'needed', version, architecture: 'amd64' })
  }
  const fields = ['Depends: needed (<< 1.10)']
  await publishDeb(home, registry, { name: 'wanted', version: '2.0-1', fields })
  await publishDeb(home, registry, { name: 'elsewhere', version: '1.0', architecture: 'arm64' })
  for (const level of ['project', 'group'] as const) {
    const client = await aptFor(home, { url: world.address('debian', level) })
    const seen = await seenBy(client, 'wanted', 'needed', 'elsewhere')
    assert.deepEqual(seen, { wanted: '2.0-1', needed: '1:0.5~a', elsewhere: undefined })
    const chosen = await install(home, client, ['wanted', 'needed=1.10~rc1'])
    assert.deepEqual(chosen, ['needed 1.10~rc1', 'wanted 2.0-1'])
    const { transcript } = await client.attempt('apt-get', 'install', '--download-only', '--yes', 'needed=7')
    assert.match(transcript, /Version '7' for 'needed' was not found/)
  }
})

story('a group shows the union of what the caller may read, each name of one owner', apt, async (home) => {
  const world = await makeWorld(server(), 'public')
  const open = await addProject(server(), world.group.id, 'second', 'public')
  const secret = await addProject(server(), world.group.id, 'secret', 'private')
  await publishDeb(home, registryOf(world), { name: 'shared', version: '1.0' })
  await publishDeb(home, registryOf(world), { name: 'first-only', version: '1.0' })
  await publishDeb(home, ofProject(world, open.id), { name: 'second-only', version: '1.0' })
  await publishDeb(home, ofProject(world, secret.id), { name: 'secret-only', version: '1.0' })
  // The name belongs to who published it first, and a project alone shows what it has.
  const names = ['shared', 'first-only', 'second-only', 'secret-only']
  await publishDeb(home, ofProject(world, open.id), { name: 'shared', version: '9.0' })
  const everybody = await seenBy(await aptFor(home, { url: world.address('debian', 'group') }), ...names)
  const shown = { shared: '1.0', 'first-only': '1.0', 'second-only': '1.0' }
  assert.deepEqual(everybody, { ...shown, 'secret-only': undefined })
  const members = await aptFor(home, registryOf(world, 'group'))
  assert.deepEqual(await seenBy(members, ...names), { ...shown, 'secret-only': '1.0' })
  assert.deepEqual(await install(home, members, ['secret-only', 'shared']), ['secret-only 1.0', 'shared 1.0'])
  const alone = await seenBy(await aptFor(home, ofProject(world, open.id)), ...names)
  const expected = { shared: '9.0', 'first-only': undefined, 'second-only': '1.0', 'secret-only': undefined }
  assert.deepEqual(alone, expected)
})

story('keys are rotated while clients go on', apt, async (home) => {
  const world = await makeWorld(server(), 'private')
  const registry = registryOf(world)
  await publishDeb(home, registry, { name: 'signed', version: '1.0' })
  const first = await keyOf(registry)
  const [old, fresh] = [await aptFor(home, registry), await aptFor(home, registry)]
  assert.deepEqual(await seenBy(old, 'signed'), { signed: '1.0' })
  const at = `projects/${world.project.id}/-/signing_keys`
  const second = await post<{ id: number; public_key: string }>(server(), at, { format: 'debian' })
  await publishDeb(home, registry, { name: 'signed', version: '1.1' })
  fresh.trust(second.public_key)
  for (const client of [old, fresh]) assert.deepEqual(await seenBy(client, 'signed'), { signed: '1.1' })
  const keys = await rest<readonly { id: number }[]>(server(), 'GET', `${at}?format=debian`)
  await rest(server(), 'DELETE', `${at}/${keys.find(({ id }) => id !== second.id)!.id}`)
  await publishDeb(home, registry, { name: 'signed', version: '1.2' })
  assert.deepEqual(await seenBy(fresh, 'signed'), { signed: '1.2' })
  const refused = await old.attempt('apt-get', 'update', '--error-on=any')
  assert.notEqual(refused.code, 0, refused.transcript)
  assert.match(refused.transcript, /NO_PUBKEY/)
  assert.equal(await old.candidate('signed'), '1.1')
  old.trust(`${first}\n${await keyOf(registry)}`)
  assert.deepEqual(await seenBy(old, 'signed'), { signed: '1.2' })
})

story('what is deleted is gone at the next update, and back when it is restored', apt, async (home) => {
  const world = await makeWorld(server(), 'private')
  const registry = registryOf(world)
  const versions = ['1.0', '1.1', '1.2']
  for (const version of versions) await publishDeb(home, registry, { name: 'leaving', version })
  const client = await aptFor(home, registry)
  assert.deepEqual(await seenBy(client, 'leaving'), { leaving: '1.2' })
  const newest = { name: 'leaving', version: '1.2' }
  const path = `${poolFolder({ distribution: suite, ...newest })}/${debName(newest)}`
  await askText(registry, `/${path}`, 'DELETE')
  assert.deepEqual(await seenBy(client, 'leaving'), { leaving: '1.1' })
  const at = `projects/${world.project.id}/packages`
  const found = await rest<readonly { id: number; version: string }[]>(server(), 'GET', at)
  const { id } = found.find(({ version }) => version === '1.1')!
  await rest(server(), 'DELETE', `${at}/${id}`)
  assert.deepEqual(await seenBy(client, 'leaving'), { leaving: '1.0' })
  assert.deepEqual(await install(home, client, ['leaving']), ['leaving 1.0'])
  await rest(server(), 'POST', `${at}/${id}/restore`)
  assert.deepEqual(await seenBy(client, 'leaving'), { leaving: '1.1' })
})

/** As the administrator. */
async function rest<T>({ url, token }: Server, method: string, path: string): Promise<T> {
  const reply = await fetch(`${url}/api/v4/${path}`, { method, headers: { 'private-token': token } })
  const text = await reply.text()
  assert.ok(reply.ok, `${method} ${path}: ${reply.status} ${text}`)
  return (text === '' ? undefined : JSON.parse(text)) as T
}

story('apt asks for lists by their digests, and those of an earlier Release stay', apt, async (home) => {
  const recorder = await startRecorder()
  try {
    recorder.passTo(server().url)
    const world = await makeWorld({ url: recorder.url, token: server().token }, 'private')
    const registry = registryOf(world)
    await publishDeb(home, registry, { name: 'hashed', version: '1.0' })
    const client = await aptFor(home, registry)
    recorder.forget()
    await seenBy(client)
    const lists = recorder.asked.filter((line) => !line.endsWith('/InRelease'))
    assert.ok(lists.length > 0)
    for (const line of lists) assert.match(line, /\/by-hash\/SHA256\/[0-9a-f]{64}$/)
    recorder.forget()
    await seenBy(client)
    assert.equal(recorder.asked.length, 1, 'nothing has changed: one question')
    const old = await askText(registry, `/dists/${suite}/InRelease`)
    for (const version of ['1.1', '1.2']) await publishDeb(home, registry, { name: 'hashed', version })
    assert.deepEqual(await seenBy(client, 'hashed'), { hashed: '1.2' })
    const listed = [...old.matchAll(/^ ([0-9a-f]{64}) +(\d+) (\S+\/)[^/\s]+$/gm)]
    assert.ok(listed.length >= 6)
    for (const [, sha256, size, folder] of listed) {
      const reply = await ask(registry, `/dists/${suite}/${folder}by-hash/SHA256/${sha256}`)
      const bytes = Buffer.from(await reply.arrayBuffer())
      assert.deepEqual([reply.status, bytes.length], [200, Number(size)])
      assert.equal(createHash('sha256').update(bytes).digest('hex'), sha256)
    }
  } finally {
    await recorder.close()
  }
})
