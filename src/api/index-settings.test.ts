import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { readCleartextMessage, readKeys, verify } from 'openpgp'
import type { Actor } from '../../test/actor.ts'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { ask } from '../../test/ask.ts'
import { sampleDeb } from '../formats/debian/sample-debs.ts'

let app: TestApp
let developer: Actor
let owner: Actor
before(async () => {
  app = await createTestApp()
  await app.project('team/lib')
  developer = await app.user('developer')
  owner = await app.user('owner')
  await app.member(developer, 'team', 30)
  await app.member(owner, 'team', 50)
})
after(() => app.close())

const path = 'debian_distributions'
const levels = [
  {
    at: `/projects/team%2Flib/${path}`,
    who: () => developer,
    registry: '/api/v4/projects/team%2Flib/packages/debian',
    events: '/projects/team%2Flib',
  },
  {
    at: `/groups/team/${path}`,
    who: () => owner,
    registry: '/api/v4/groups/team/-/packages/debian',
    events: '/groups/team',
  },
]
const words = (body: any) => String(body.error ?? body.message)

/** The fingerprints of the public keys that signed a text inline. */
async function signers(publicKeys: string, signed: string): Promise<string[]> {
  const verificationKeys = await readKeys({ armoredKeys: publicKeys })
  const message = await readCleartextMessage({ cleartextMessage: signed })
  const { signatures } = await verify({ verificationKeys, message, expectSigned: true })
  const keys = [...signatures].map(({ keyID }) =>
    verificationKeys.find((key) => key.getKeys(keyID).length > 0)!,
  )
  return keys.map((key) => key.getFingerprint().toUpperCase())
}

for (const { at, who, registry, events } of levels) {
  test(`what is set for an index is made, seen, changed and taken away at ${at}`, async () => {
    assert.deepEqual((await ask(who(), `GET ${at}`)).body, [])
    const wish = { codename: 'bookworm/updates', suite: 'stable-updates', components: ['main', 'extra'] }
    const made = await ask(who(), `POST ${at}`, wish)
    assert.equal(made.status, 201, words(made.body))
    const { id, codename, suite, components, label } = made.body
    assert.deepEqual({ codename, suite, components, label }, { ...wish, label: null })
    const one = `${at}/bookworm%2Fupdates`
    assert.deepEqual((await ask(who(), `GET ${one}`)).body, made.body)
    assert.deepEqual((await ask(who(), `GET ${at}/stable-updates`)).body, made.body)
    assert.deepEqual((await ask(who(), `GET ${at}`)).body, [made.body])
    const changed = await ask(who(), `PUT ${one}`, { label: 'Acme', nothing: 'of ours' })
    assert.deepEqual(changed.body, { ...made.body, label: 'Acme' })
    const release = async () => who().get(`${registry}/dists/bookworm/updates/InRelease`)
    assert.match(await (await release()).text(), /^Label: Acme$/m)
    const dropped = await who().delete(`/api/v4${one}`)
    assert.deepEqual([dropped.status, await dropped.text()], [202, ''])
    for (const line of [`GET ${one}`, `PUT ${one}`, `DELETE ${one}`])
      assert.equal((await ask(who(), line, line.startsWith('PUT') ? {} : undefined)).status, 404)
    assert.equal((await release()).status, 404)
    const all = (await ask(app.root, `GET ${events}/audit_events?per_page=4`)).body
    // Beside them: the first key was made.
    const audit = all.filter(({ event_name: name }: any) => name !== 'signing_key.created')
    assert.deepEqual(
      audit.map(({ event_name: name, details }: any) => [
        name,
        details.target_type,
        details.target_id,
        details.package_type,
      ]),
      ['deleted', 'changed', 'created'].map((what) => [`index.${what}`, 'Index', wish.codename, 'debian']),
    )
    assert.equal(audit[1].details.data.settings.label, 'Acme')
    assert.ok(Number.isInteger(id))
  })

  test(`the keys at ${at} are those that sign, while one follows another both`, async () => {
    const key = async () => {
      const { status, body, headers } = await ask(who(), `GET ${at}/unstable/key.asc`)
      assert.deepEqual([status, headers.get('content-type')], [200, 'text/plain; charset=utf-8'])
      return String(body)
    }
    const first = await key()
    assert.equal(await key(), first, 'it was made once')
    await ask(who(), `POST ${at}`, { codename: 'unstable' })
    const release = async () => (await who().get(`${registry}/dists/unstable/InRelease`)).text()
    const [old = ''] = await signers(first, await release())
    const keysAt = `${events}/-/signing_keys`
    const added = (await ask(app.root, `POST ${keysAt}`, { format: 'debian' })).body
    const both = await key()
    assert.deepEqual((await signers(both, await release())).sort(), [old, added.fingerprint].sort())
    assert.equal(await (await who().get(`${registry}/dists/unstable/key.asc`)).text(), both)
    const listed = (await ask(app.root, `GET ${keysAt}`)).body
    const { id } = listed.find((one: any) => one.fingerprint === old)
    assert.equal((await ask(app.root, `DELETE ${keysAt}/${id}`)).status, 204)
    assert.deepEqual(await signers(await key(), await release()), [added.fingerprint])
    await ask(who(), `DELETE ${at}/unstable`)
  })
}

test('lists come in pages, by key', async () => {
  const at = `/projects/team%2Flib/${path}`
  const names = ['c', 'a', 'b']
  for (const codename of names) await ask(developer, `POST ${at}`, { codename })
  const { body, headers } = await ask(developer, `GET ${at}?per_page=2`)
  assert.deepEqual(
    body.map((one: any) => one.codename),
    ['a', 'b'],
  )
  assert.deepEqual([headers.get('x-total'), headers.get('x-next-page')], ['3', '2'])
  for (const codename of names) await ask(developer, `DELETE ${at}/${codename}`)
})

test('whoever may read packages reads what is set, and what nobody may see is missing', async () => {
  await app.group('open', { visibility: 'public' })
  await app.project('open/lib', { visibility: 'public' })
  await app.project('open/quiet')
  const reporter = await app.user('reporter')
  await app.member(reporter, 'team/lib', 20)
  const guest = await app.user('guest')
  await app.member(guest, 'team/lib', 10)
  const stranger = await app.user('stranger')
  const pulling = await app.withScopes(developer, 'read_package_registry')
  for (const [who, level, reads, writes] of [
    [reporter, 'projects/team%2Flib', 200, 403],
    [guest, 'projects/team%2Flib', 403, 403],
    [stranger, 'projects/team%2Flib', 404, 404],
    [app.anonymous, 'projects/team%2Flib', 404, 401],
    [pulling, 'projects/team%2Flib', 403, 403],
    [reporter, 'groups/team', 200, 404],
    [developer, 'groups/team', 200, 403],
    [stranger, 'groups/team', 404, 404],
    [app.anonymous, 'groups/team', 404, 401],
    [app.anonymous, 'projects/open%2Flib', 200, 401],
    [app.anonymous, 'projects/open%2Fquiet', 404, 401],
    [stranger, 'groups/open', 200, 403],
  ] as const) {
    const at = `/${level}/${path}`
    const title = `${who.username} ${level}`
    assert.equal((await ask(who, `GET ${at}`)).status, reads, title)
    assert.equal((await ask(who, `GET ${at}/any/key.asc`)).status, reads, title)
    for (const [line, body] of [
      [`POST ${at}`, { codename: 'mine' }],
      [`PUT ${at}/mine`, {}],
      [`DELETE ${at}/mine`, undefined],
    ] as const)
      assert.equal((await ask(who, line, body)).status, writes, `${title} ${line}`)
  }
})

test('what cannot be set is refused, as the format says it', async () => {
  const at = `/projects/team%2Flib/${path}`
  for (const [body, expected] of [
    [{}, /codename is missing/],
    [{ codename: '../x' }, /./],
    [{ codename: 'x', components: 'main/..' }, /./],
    [{ codename: 'x', valid_time_duration_seconds: 1 }, /valid_time_duration_seconds/],
  ] as const) {
    const answer = await ask(developer, `POST ${at}`, body)
    assert.equal(answer.status, 400, JSON.stringify(body))
    assert.match(words(answer.body), expected)
  }
  const long = await ask(developer, `POST ${at}`, { codename: 'x', label: 'x'.repeat(70_000) })
  assert.equal(long.status, 413)
  const deep = `{"codename":${'['.repeat(60_000)}${']'.repeat(5_000)}`
  const json = { 'content-type': 'application/json' }
  assert.equal((await ask(developer, `POST ${at}`, deep, json)).status, 400)
  assert.equal((await ask(developer, `POST ${at}`, '[1]', json)).status, 400)
  const form = new URLSearchParams([
    ['codename', 'form'],
    ['components[]', 'one'],
    ['components[]', 'two'],
  ])
  const type = { 'content-type': 'application/x-www-form-urlencoded' }
  const made = await ask(developer, `POST ${at}`, String(form), type)
  assert.deepEqual(made.body.components, ['one', 'two'])
  assert.deepEqual((await ask(developer, `POST ${at}`, { codename: 'form' })).status, 409)
  await ask(developer, `DELETE ${at}/form`)
})

test('no index of packages is hidden behind the other name of one', async () => {
  const body = sampleDeb({ name: 'hidden', version: '1' })
  const to = `${levels[0]!.registry}/hidden_1_all.deb?distribution=noble`
  const headers = { 'private-token': developer.token! }
  const reply = await fetch(app.url + to, { method: 'PUT', headers, body: new Uint8Array(body) })
  assert.equal(reply.status, 201, await reply.text())
  for (const { at, who } of levels) {
    const refused = await ask(who(), `POST ${at}`, { codename: 'other', suite: 'noble' })
    assert.equal(refused.status, 409, words(refused.body))
    assert.match(words(refused.body), /noble has packages of its own/)
  }
})
