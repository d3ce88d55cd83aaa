import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { generateKey, readKey } from 'openpgp'
import type { Actor } from '../../test/actor.ts'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { ask } from '../../test/ask.ts'
import { letSign } from '../../test/signing-format.ts'

let app: TestApp
let maintainer: Actor
let owner: Actor
before(async () => {
  app = await createTestApp()
  letSign(app, 'generic')
  await app.project('team/lib')
  maintainer = await app.user('maintainer')
  owner = await app.user('owner')
  await app.member(maintainer, 'team', 40)
  await app.member(owner, 'team', 50)
})
after(() => app.close())

const format = 'generic'
const places = [
  { at: '/projects/team%2Flib/-/signing_keys', who: () => maintainer, events: '/projects/team%2Flib' },
  { at: '/groups/team/-/signing_keys', who: () => owner, events: '/groups/team' },
  { at: '/signing_keys', who: () => app.root, events: '' },
]
const words = (body: any) => String(body.error ?? body.message)

async function armoredKey(passphrase?: string): Promise<string> {
  const { privateKey } = await generateKey({
    userIDs: { name: 'somebody' },
    format: 'armored',
    date: new Date(app.core.clock() - 3_600_000),
    ...(passphrase === undefined ? {} : { passphrase }),
  })
  return privateKey
}

for (const { at, who, events } of places) {
  test(`keys follow one another at ${at}; their private halves are shown to nobody`, async () => {
    assert.deepEqual((await ask(who(), `GET ${at}`)).body, [])
    const first = await ask(who(), `POST ${at}`, { format })
    assert.equal(first.status, 201, words(first.body))
    const { id, created_at, public_key, fingerprint, group_id, project_id, ...told } = first.body
    assert.deepEqual(told, { format, source: 'generated', retired_at: null })
    assert.ok(Math.abs(Date.parse(created_at) - app.core.clock()) < 60_000)
    assert.equal((await readKey({ armoredKey: public_key })).getFingerprint().toUpperCase(), fingerprint)
    assert.deepEqual(
      [group_id !== undefined, project_id !== undefined],
      [at.startsWith('/groups'), at.startsWith('/projects')],
    )
    const only = await ask(who(), `DELETE ${at}/${id}`)
    assert.deepEqual([only.status, /the only key/.test(words(only.body))], [409, true])
    const passphrase = 'open sesame'
    const imported = { format, private_key: await armoredKey(passphrase), passphrase }
    const second = await ask(who(), `POST ${at}`, imported)
    assert.equal(second.body.source, 'imported', words(second.body))
    assert.deepEqual((await ask(who(), `GET ${at}`)).body, [first.body, second.body])
    assert.deepEqual((await ask(who(), `GET ${at}?format=npm`)).body, [])
    assert.equal((await ask(who(), `GET ${at}?format=unheard`)).status, 400)
    assert.equal((await ask(who(), `DELETE ${at}/${id}`)).status, 204)
    assert.equal((await ask(who(), `DELETE ${at}/${id}`)).status, 404, 'it is retired already')
    const listed = await ask(who(), `GET ${at}?format=${format}`)
    assert.deepEqual(
      listed.body.map((one: any) => one.retired_at === null),
      [false, true],
    )
    const again = await ask(who(), `POST ${at}`, imported)
    assert.deepEqual([again.status, /is there already, or was/.test(words(again.body))], [409, true])
    const audit = (await ask(app.root, `GET ${events}/audit_events?per_page=3`)).body
    assert.deepEqual(
      audit.map((event: any) => [
        event.event_name,
        event.details.target_type,
        event.details.target_id,
        event.details.target_details,
        event.details.package_type,
        event.details.data.source,
      ]),
      [
        ['signing_key.retired', 'SigningKey', id, fingerprint, format, 'generated'],
        ['signing_key.created', 'SigningKey', second.body.id, second.body.fingerprint, format, 'imported'],
        ['signing_key.created', 'SigningKey', id, fingerprint, format, 'generated'],
      ],
    )
    assert.doesNotMatch(JSON.stringify([first, second, listed, audit]), /PRIVATE KEY|sesame|s1\./)
  })
}

test('a private key is sealed where it is kept', async () => {
  const { read } = app.core.database
  const rows = await read.selectFrom('signing_keys').select(['private_key', 'source']).execute()
  assert.ok(rows.some((row) => row.source === 'imported'))
  for (const row of rows) assert.match(row.private_key, /^s1\./)
})

test('owners manage those of a group, maintainers those of a project, administrators those of the instance', async () => {
  const developer = await app.user('developer')
  await app.member(developer, 'team', 30)
  const reader = await app.withScopes(owner, 'read_api')
  for (const [who, line, status] of [
    [developer, 'GET /groups/team/-/signing_keys', 403],
    [developer, 'GET /projects/team%2Flib/-/signing_keys', 403],
    [developer, 'POST /projects/team%2Flib/-/signing_keys', 403],
    [maintainer, 'GET /groups/team/-/signing_keys', 200],
    [maintainer, 'POST /groups/team/-/signing_keys', 403],
    [reader, 'GET /groups/team/-/signing_keys', 200],
    [reader, 'POST /groups/team/-/signing_keys', 403],
    [owner, 'GET /signing_keys', 403],
    [owner, 'POST /signing_keys', 403],
    [app.anonymous, 'GET /signing_keys', 401],
    [await app.user('stranger'), 'GET /groups/team/-/signing_keys', 404],
  ] as const) {
    const body = line.startsWith('GET') ? undefined : { format }
    assert.equal((await ask(who, line, body)).status, status, `${who.username} ${line}`)
  }
  const [, { id }] = (await ask(owner, 'GET /groups/team/-/signing_keys')).body
  for (const at of ['/projects/team%2Flib/-/signing_keys', '/signing_keys'])
    assert.equal((await ask(app.root, `DELETE ${at}/${id}`)).status, 404, 'a number leads to no other place')
  assert.equal((await ask(maintainer, `DELETE /groups/team/-/signing_keys/${id}`)).status, 403)
})

test('what cannot work is refused', async () => {
  const at = '/groups/team/-/signing_keys'
  const { privateKey, publicKey } = await generateKey({ userIDs: { name: 'x' }, format: 'armored' })
  for (const [body, expected] of [
    [{}, /format is missing/],
    [{ format: 'unheard' }, /there is no format unheard/],
    [{ format: 'npm' }, /npm has no signed indexes/],
    [{ format, private_key: publicKey }, /no armored OpenPGP private key/],
    [{ format, private_key: '' }, /private_key is empty/],
    [{ format, private_key: 'x'.repeat(65_537) }, /private_key is too long/],
    [{ format, private_key: await armoredKey('open sesame') }, /has a passphrase/],
    [{ format, private_key: await armoredKey('open sesame'), passphrase: 'guessed' }, /does not open/],
    [{ format, passphrase: 'open sesame' }, /which is missing/],
    [{ format, private_key: privateKey, passphrase: 'x'.repeat(1025) }, /passphrase is too long/],
  ] as const) {
    const answer = await ask(owner, `POST ${at}`, body)
    assert.equal(answer.status, 400, JSON.stringify(body).slice(0, 80))
    assert.match(words(answer.body), expected)
    assert.ok(!words(answer.body).includes('sesame'))
  }
  for (let n = 1; n < 4; n++) assert.equal((await ask(owner, `POST ${at}`, { format })).status, 201)
  const fifth = await ask(owner, `POST ${at}`, { format })
  assert.deepEqual([fifth.status, words(fifth.body)], [409, 'at most 4 keys sign at once; retire one first'])
})
