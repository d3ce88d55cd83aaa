import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { readKey } from 'openpgp'
import { createTestApp, type TestApp } from '../../../test/app.ts'
import type { SigningKeyRow } from '../../database/schema.ts'
import { signText } from '../../lib/openpgp.ts'
import { keysThatSign, openKeys } from './keys.ts'

let app: TestApp
before(async () => {
  app = await createTestApp()
})
after(() => app.close())

test('the first key is made when it is asked for, once for all who ask', async () => {
  const { core } = app
  const { id: projectId } = await app.project('team/lib')
  const at = { place: { projectId }, format: 'generic' }
  const asked = await Promise.all(Array.from({ length: 8 }, () => keysThatSign(core, at, 'team/lib')))
  assert.equal(new Set(asked.flat().map((row) => row.fingerprint)).size, 1)
  const [[row]] = asked as [[(typeof asked)[0][0]]]
  assert.deepEqual(await keysThatSign(core, at, 'team/lib'), [row])
  const key = await readKey({ armoredKey: row!.public_key })
  assert.deepEqual(key.getUserIDs(), ['Entrepot team/lib (generic)'])
  assert.match(row!.private_key, /^s1\./)
  assert.match(await signText('text', 'inline', openKeys(core, [row!]), core.clock()), /BEGIN PGP SIGNATURE/)
})

test('that the first key was made stands in the audit log once, where it was made', async () => {
  const { database } = app.core
  const { id: projectId } = await app.project('team/audited')
  const { id: groupId } = await app.group('audited')
  const places = [{ projectId }, { groupId }, 'instance'] as const
  for (const place of places) {
    const at = { place, format: 'maven' }
    const [[row]] = (await Promise.all([keysThatSign(app.core, at, ''), keysThatSign(app.core, at, '')])) as [
      [SigningKeyRow],
      unknown,
    ]
    await keysThatSign(app.core, at, '')
    const { id, fingerprint } = row
    const events = await database.read
      .selectFrom('events')
      .select(['project_id', 'group_id', 'user_id', 'token_id', 'actor', 'detail'])
      .where('kind', '=', 'signing_key.created')
      .where('format', '=', 'maven')
      .where('detail', 'like', `%${fingerprint}%`)
      .execute()
    assert.deepEqual(
      events.map(({ detail, ...rest }) => ({ ...rest, detail: JSON.parse(detail!) })),
      [
        {
          project_id: place === 'instance' ? null : 'projectId' in place ? projectId : null,
          group_id: place === 'instance' ? null : 'groupId' in place ? groupId : null,
          user_id: null,
          token_id: null,
          actor: null,
          detail: { signing_key: id, fingerprint, source: 'generated' },
        },
      ],
    )
  }
})

test('every place and format has keys of its own', async () => {
  const { core } = app
  const { id: projectId } = await app.project('team/lib')
  const { id: groupId } = await app.group('team')
  const found = [
    await keysThatSign(core, { place: { projectId }, format: 'generic' }, 'team/lib'),
    await keysThatSign(core, { place: { projectId }, format: 'npm' }, 'team/lib'),
    await keysThatSign(core, { place: { groupId }, format: 'generic' }, 'team'),
    await keysThatSign(core, { place: 'instance', format: 'generic' }, ''),
  ]
  assert.equal(new Set(found.flat().map((row) => row.fingerprint)).size, 4)
  const key = await readKey({ armoredKey: found[3]![0]!.public_key })
  assert.deepEqual(key.getUserIDs(), ['Entrepot (generic)'])
})

test('a key that was sealed under another secret key is told from one that was altered', async () => {
  const { core } = app
  const rows = await keysThatSign(core, { place: 'instance', format: 'generic' }, '')
  const other = { secretKey: 'another key for tests, long enough to be one' }
  const isTold = (wanted: RegExp) => (error: any) => {
    assert.equal(error.status, 500)
    assert.match(error.message, wanted)
    return true
  }
  assert.throws(() => openKeys(other, rows), isTold(/sealed under the secret key .* add a signing key/))
  const altered = rows.map((row) => ({ ...row, private_key: `${row.private_key.slice(0, -4)}AAAA` }))
  assert.throws(() => openKeys(core, altered), isTold(/signing key [0-9A-F]{40}/))
})
