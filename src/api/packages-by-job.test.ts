import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createTestApp, type TestApp } from '../../test/app.ts'
import { ask } from '../../test/ask.ts'
import { startIssuer, type TestIssuer } from '../../test/issuer.ts'

let app: TestApp
let issuer: TestIssuer
before(async () => {
  issuer = await startIssuer(() => app.clock.now())
  app = await createTestApp({ env: { ENTREPOT_TRUSTS__INTERNAL_ISSUERS: issuer.url } })
  for (const project of ['acme/lib', 'acme/app']) {
    await app.project(project)
    const path = `/api/v4/projects/${encodeURIComponent(project)}/packages/generic/tool/1.0/f`
    assert.equal((await app.root.put(path, 'bytes')).status, 201)
  }
})
after(async () => {
  await app.close()
  await issuer.close()
})

const lib = '/projects/acme%2Flib'

/** Asks as a job that a trust with these scopes and this role lets in. */
async function job(scopes: readonly string[], level: number) {
  const wish = { name: 'CI', issuer: issuer.url, conditions: { sub: 'a-job' }, scopes, access_level: level }
  const trust = await ask(app.root, `POST ${lib}/trusts`, wish)
  const idToken = await issuer.sign({ aud: app.url, sub: 'a-job' })
  const { body } = await ask(app.anonymous, 'POST /job_tokens/exchange', {
    id_token: idToken,
    trust_id: trust.body.id,
  })
  return async (line: string) => ask(app.anonymous, line, undefined, { 'job-token': body.token })
}

test('a job reads and deletes packages by REST as its trust lets it, and nothing else', async () => {
  const [{ id }] = (await ask(app.root, `GET ${lib}/packages`)).body
  const one = `${lib}/packages/${id}`

  const puller = await job(['write_package_registry'], 30)
  assert.equal((await puller(`GET ${lib}/packages`)).status, 403)

  const reader = await job(['read_api'], 20)
  assert.equal((await reader(`GET ${lib}/packages`)).body.length, 1)
  assert.equal((await reader(`GET ${one}`)).status, 200)
  assert.equal((await reader(`GET ${one}/package_files`)).body.length, 1)
  assert.equal((await reader('GET /groups/acme/packages')).body.length, 1)
  assert.equal((await reader('GET /projects/acme%2Fapp/packages')).status, 404)
  assert.equal((await reader(`DELETE ${one}`)).status, 403)

  const developer = await job(['api'], 30)
  assert.equal((await developer(`DELETE ${one}`)).status, 403)

  const maintainer = await job(['api'], 40)
  const others = [lib, '/user', '/projects', `${lib}/access_tokens`, `${lib}/trusts`, `${lib}/members`]
  for (const path of others) assert.equal((await maintainer(`GET ${path}`)).status, 403, path)
  for (const line of [`PUT ${lib}`, `DELETE ${lib}`, `POST ${lib}/access_tokens`, 'POST /groups']) {
    assert.equal((await maintainer(line)).status, 403, line)
  }
  assert.equal((await maintainer(`DELETE ${one}`)).status, 204)
  assert.equal((await ask(app.root, `GET ${one}`)).status, 404)
})
