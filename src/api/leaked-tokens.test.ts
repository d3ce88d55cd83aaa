import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { sql } from 'kysely'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { ask } from '../../test/ask.ts'
import { hashToken, makeToken } from '../lib/tokens.ts'

const project = '/projects/acme%2Flib'

/** A token of each kind that REST makes, by the header it comes in. */
async function oneOfEach(app: TestApp): Promise<readonly (readonly [header: string, text: string])[]> {
  await app.project('acme/lib')
  const made = async (line: string, scopes: readonly string[]) =>
    (await ask(app.root, `POST ${line}`, { name: 'leaky', scopes })).body.token as string
  return [
    ['private-token', await made('/user/personal_access_tokens', ['api'])],
    ['private-token', await made(`${project}/access_tokens`, ['api'])],
    ['private-token', await made('/groups/acme/access_tokens', ['api'])],
    ['deploy-token', await made(`${project}/deploy_tokens`, ['read_package_registry'])],
  ]
}

test('whoever holds a token’s text may revoke it; the answer tells nothing', async () => {
  const app = await createTestApp({ anonymous: false })
  try {
    const scanner = app.anonymous
    for (const [header, text] of await oneOfEach(app)) {
      const status = async () =>
        (await scanner.get('/api/v4/projects/acme%2Flib/packages/generic/a/1/f', { [header]: text })).status
      assert.equal(await status(), 404)
      assert.equal((await ask(scanner, 'POST /tokens/revoke', { token: text })).status, 204)
      assert.equal(await status(), 401)
      assert.equal((await ask(scanner, 'POST /tokens/revoke', { token: text })).status, 204)
    }
    const events = await app.core.database.read
      .selectFrom('events')
      .select(['user_id', 'address'])
      .where('kind', '=', 'token.revoked')
      .execute()
    assert.deepEqual(
      events.map(({ user_id, address }) => [user_id, address]),
      Array.from({ length: 4 }, () => [null, '127.0.0.1']),
    )
    for (const token of [makeToken('ept_'), 'hunter2', 'x'.repeat(1000)]) {
      assert.equal((await ask(scanner, 'POST /tokens/revoke', { token })).status, 204)
    }
    assert.equal((await ask(scanner, 'POST /tokens/revoke', {})).status, 400)
    assert.equal((await ask(app.root, 'GET /user')).status, 200)
  } finally {
    await app.close()
  }
})

test('the text of a token is nowhere in the data directory and the database, its hash is', async () => {
  const app = await createTestApp()
  try {
    const texts = (await oneOfEach(app)).map(([, text]) => text)
    const names = await readdir(app.config.data, { recursive: true, withFileTypes: true })
    const files = names.filter((one) => one.isFile())
    const contents = await Promise.all(files.map((one) => readFile(join(one.parentPath, one.name), 'latin1')))
    const { read } = app.core.database
    for (const { name } of await read.introspection.getTables()) {
      const { rows } = await sql`select * from ${sql.table(name)}`.execute(read)
      contents.push(JSON.stringify(rows))
    }
    const holds = (needle: string) => contents.some((bytes) => bytes.includes(needle))
    for (const text of texts) {
      assert.ok(holds(hashToken(text)))
      assert.ok(!holds(text))
      assert.ok(!holds(text.slice(4)))
    }
  } finally {
    await app.close()
  }
})
