import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { SignJWT } from 'jose'
import { createActor } from '../../test/actor.ts'
import { createTestApp, type Actor, type TestApp } from '../../test/app.ts'
import { ask } from '../../test/ask.ts'
import { startIssuer, type TestIssuer } from '../../test/issuer.ts'
import { forgetExpired } from '../jobs/forget-expired.ts'

let app: TestApp
let issuer: TestIssuer
let other: TestIssuer
let maintainer: Actor
let at: string

before(async () => {
  issuer = await startIssuer(() => app.clock.now())
  other = await startIssuer(() => app.clock.now(), 'ES256')
  const issuers = [issuer.url, other.url].join(',')
  // Refusals are counted elsewhere; here many come from one address.
  const limits = { ENTREPOT_RATE_LIMITS__FAILED_AUTHENTICATIONS_PER_MINUTE: '100000' }
  app = await createTestApp({
    env: { ENTREPOT_TRUSTS__INTERNAL_ISSUERS: issuers, ...limits },
    anonymous: false,
  })
  maintainer = await app.user('mia')
  await app.project('acme/lib')
  await app.member(maintainer, 'acme/lib', 40)
})
after(async () => {
  await app.close()
  await Promise.all([issuer.close(), other.close()])
})

const trusts = '/projects/acme%2Flib/trusts'
const jobClaims = { project_path: 'acme/lib', ref: 'v1', sub: 'project_path:acme/lib:ref_type:tag:ref:v1' }
const claims = (more: object = {}) => ({ aud: app.url, ...jobClaims, ...more })
const wish = (more: object = {}) => ({
  name: 'CI',
  issuer: issuer.url,
  conditions: { project_path: 'acme/lib', ref: 'v*' },
  ...more,
})

beforeEach(async () => {
  for (const { id } of (await ask(app.root, `GET ${trusts}`)).body)
    await ask(app.root, `DELETE ${trusts}/${id}`)
  at = `${trusts}/${(await ask(maintainer, `POST ${trusts}`, wish())).body.id}`
})

const exchange = (idToken: string, more: object = {}) =>
  ask(app.anonymous, 'POST /job_tokens/exchange', { id_token: idToken, ...more })

async function job(idToken: string): Promise<Actor> {
  const { status, body } = await exchange(idToken)
  assert.equal(status, 201, JSON.stringify(body))
  return createActor(app.url, { id: 0, username: body.username, token: body.token })
}

const put = async (actor: Actor, name: string) => {
  const path = `/api/v4/projects/acme%2Flib/packages/generic/${name}/1.0/file.bin`
  return (await actor.request('PUT', path, { headers: header(actor), body: name })).status
}
const header = ({ token }: Actor) => ({ 'private-token': '', 'job-token': token })

test('a job exchanges its ID token, publishes, and is called as it is', async () => {
  const { status, body } = await exchange(await issuer.sign(claims()), { project_id: 'acme/lib' })
  assert.equal(status, 201)
  assert.match(body.token, /^epj_/)
  assert.equal(body.username, `job:${issuer.url}:${jobClaims.sub}`)
  assert.deepEqual([body.access_level, body.scopes], [30, ['write_package_registry']])
  assert.ok(body.expires_in > 290 && body.expires_in <= 300, 'it lives as long as the ID token')
  const actor = createActor(app.url, { id: 0, username: '', token: body.token })
  assert.equal(await put(actor, 'made-by-job'), 201)
  assert.equal((await ask(actor, 'GET /projects/acme%2Flib', undefined, header(actor))).status, 403)
  const event = await app.core.database.read
    .selectFrom('events')
    .selectAll()
    .where('name', '=', 'made-by-job')
    .executeTakeFirstOrThrow()
  assert.equal(event.actor, body.username)
})

test('it lives an hour at most, and not longer than the ID token', async () => {
  const exp = Math.floor(app.clock.now() / 1000) + 20 * 3600
  const { body } = await exchange(await issuer.sign(claims({ exp })))
  assert.equal(body.expires_in, 3600)
  const actor = await job(await issuer.sign(claims()))
  app.clock.advance(301_000)
  assert.equal(await put(actor, 'late'), 401)
})

test('tokens that are not for us, not theirs, or too old are refused with the reason', async () => {
  const now = () => Math.floor(app.clock.now() / 1000)
  const cases: [claims: object, why: RegExp][] = [
    [{ aud: 'https://elsewhere.example' }, /audience must be http/],
    [{ aud: `${app.url}/` }, /audience/],
    [{ aud: [app.url, 'https://elsewhere.example'] }, /audience/],
    [{ aud: undefined }, /aud/],
    [{ sub: undefined }, /sub/],
    [{ sub: 'two\nlines' }, /one line/],
    [{ iat: now() - 700, exp: now() - 61 }, /expired/],
    [{ exp: now() - 10 }, /expired/],
    [{ nbf: now() + 120 }, /nbf/],
    [{ iat: now() + 120 }, /future/],
    [{ exp: now() + 25 * 3600 }, /24 hours/],
    [{ iss: 'http://127.0.0.1:9' }, /nobody here trusts the issuer/],
    [{ iss: `${issuer.url}/` }, /nobody here trusts the issuer/],
    [{ project_path: 'evil/lib' }, /no trust lets job:/],
    [{ ref: 'main' }, /no trust lets/],
    [{ project_path: undefined }, /no trust lets/],
  ]
  for (const [wrong, why] of cases) {
    const { status, body } = await exchange(await issuer.sign(claims(wrong)))
    assert.deepEqual(
      [status, why.test(body.message)],
      [401, true],
      `${JSON.stringify(wrong)}: ${body.message}`,
    )
  }
})

test('only signatures by the keys of the issuer itself count', async () => {
  const forged = await other.sign(claims({ iss: issuer.url }))
  assert.match((await exchange(forged)).body.message, /its issuer did not sign it/)
  const pointed = await other.sign(claims({ iss: issuer.url }), { jku: `${other.url}/keys` })
  assert.equal((await exchange(pointed)).status, 401)
  const [head, payload] = (await issuer.sign(claims())).split('.')
  const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`
  assert.match((await exchange(none)).body.message, /not accepted/)
  assert.equal((await exchange(`${head}.${payload}.AAAA`)).status, 401)
  const keys = await (await fetch(`${issuer.url}/keys`)).text()
  const symmetric = await new SignJWT({ iss: issuer.url, ...claims(), exp: 9_999_999_999 })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .sign(new TextEncoder().encode(keys))
  assert.match((await exchange(symmetric)).body.message, /algorithm/)
  for (const junk of ['x', 'a.b.c', '..', 'x'.repeat(16_000)])
    assert.equal((await exchange(junk)).status, 401)
})

test('each of the algorithms is understood', async () => {
  await ask(maintainer, `PUT ${at}`, { issuer: other.url })
  assert.equal((await exchange(await other.sign(claims()))).status, 201)
})

test('of twenty exchanges of one token at the same instant exactly one succeeds', async () => {
  for (const jti of [undefined, 'one-job']) {
    const idToken = await issuer.sign(claims({ jti }))
    const answers = await Promise.all(Array.from({ length: 20 }, () => exchange(idToken)))
    const refused = answers.filter(({ status }) => status === 401)
    assert.equal(answers.filter(({ status }) => status === 201).length, 1)
    assert.equal(refused.length, 19)
    for (const { body } of refused) assert.match(body.message, /exchanged before/)
  }
  const again = await issuer.sign(claims({ jti: 'one-job', ref: 'v2' }))
  assert.equal((await exchange(again)).status, 401, 'another token with the same jti')
})

test('deleting the trust ends its tokens at the next request, so does another condition', async () => {
  const first = await job(await issuer.sign(claims()))
  assert.equal(await put(first, 'first'), 201)
  await ask(maintainer, `DELETE ${at}`)
  assert.equal(await put(first, 'second'), 401)
  assert.equal((await exchange(await issuer.sign(claims()))).status, 401)
  at = `${trusts}/${(await ask(maintainer, `POST ${trusts}`, wish())).body.id}`
  assert.equal(await put(first, 'third'), 401, 'a new trust does not bring them back')
  const second = await job(await issuer.sign(claims()))
  await ask(maintainer, `PUT ${at}`, { conditions: { project_path: 'acme/lib', ref: 'release-*' } })
  assert.equal(await put(second, 'fourth'), 401)
})

test('a job is judged by its trust as it is now', async () => {
  const actor = await job(await issuer.sign(claims()))
  const change = async (more: object) => assert.equal((await ask(maintainer, `PUT ${at}`, more)).status, 200)
  await change({ access_level: 20 })
  assert.equal(await put(actor, 'as-reporter'), 403)
  await change({ access_level: 30, name_patterns: ['only-*'] })
  assert.equal(await put(actor, 'something'), 403)
  assert.equal(await put(actor, 'only-this'), 201)
  await change({ name_patterns: null, scopes: ['read_package_registry'] })
  assert.equal(await put(actor, 'anything'), 403)
})

test('a job is nobody elsewhere', async () => {
  await app.project('acme/other')
  const actor = await job(await issuer.sign(claims()))
  const path = '/api/v4/projects/acme%2Fother/packages/generic/a/1.0/file.bin'
  assert.equal((await actor.request('PUT', path, { headers: header(actor), body: 'x' })).status, 404)
  const { status } = await exchange(await issuer.sign(claims()), { project_id: 'acme/other' })
  assert.equal(status, 401)
})

test('where somebody trusts, and where nothing is, answer alike', async () => {
  await app.project('hidden/lib')
  await ask(app.root, 'POST /projects/hidden%2Flib/trusts', wish({ conditions: { sub: 'x' } }))
  const answers = []
  for (const project of ['hidden/lib', 'missing/lib'])
    answers.push((await exchange(await issuer.sign(claims()), { project_id: project })).body)
  assert.deepEqual(answers[0], answers[1])
})

test('the nearest trust counts: the project, then the groups above; a named one alone', async () => {
  const above = await ask(app.root, 'POST /groups/acme/trusts', wish({ access_level: 40 }))
  assert.equal(above.status, 201)
  const near = await exchange(await issuer.sign(claims()), { project_id: 'acme/lib' })
  assert.equal(`${trusts}/${near.body.trust_id}`, at)
  const trustId = above.body.id
  const named = await exchange(await issuer.sign(claims()), { project_id: 'acme/lib', trust_id: trustId })
  assert.deepEqual([named.body.trust_id, named.body.access_level], [trustId, 40])
  const group = await exchange(await issuer.sign(claims()), { group_id: 'acme' })
  assert.deepEqual([group.body.trust_id, group.body.project_id], [trustId, null])
  const both = { project_id: 'acme/lib', group_id: 'acme' }
  assert.equal((await exchange(await issuer.sign(claims()), both)).status, 400)
  await ask(app.root, `DELETE /groups/acme/trusts/${trustId}`)
})

test('a trust needs the role, and gives at most that of who makes it, and never owner', async () => {
  const [developer, stranger, owner] = [
    await app.user('dev'),
    await app.user('stranger'),
    await app.user('owner'),
  ]
  await app.member(developer, 'acme/lib', 30)
  await app.member(owner, 'acme', 50)
  assert.equal((await ask(developer, `POST ${trusts}`, wish())).status, 403)
  assert.equal((await ask(developer, `GET ${trusts}`)).status, 403)
  assert.equal((await ask(stranger, `GET ${trusts}`)).status, 404)
  assert.equal((await ask(app.anonymous, `GET ${trusts}`)).status, 401)
  assert.equal((await ask(maintainer, 'POST /groups/acme/trusts', wish())).status, 404)
  for (const actor of [maintainer, owner, app.root])
    assert.equal((await ask(actor, `POST ${trusts}`, wish({ access_level: 50 }))).status, 403)
  assert.equal((await ask(owner, `POST ${trusts}`, wish({ access_level: 40 }))).status, 201)
  assert.equal((await ask(maintainer, `PUT ${at}`, { access_level: 50 })).status, 403)
  const reading = await app.withScopes(maintainer, 'read_api')
  assert.equal((await ask(reading, `GET ${at}`)).status, 200)
  assert.equal((await ask(reading, `DELETE ${at}`)).status, 403)
})

test('conditions must pin whose jobs are meant, and issuers be on the Internet or listed', async () => {
  const bad: object[] = [
    { conditions: {} },
    { conditions: { ref: 'main' } },
    { conditions: { project_path: 'acme/*' } },
    { conditions: { project_path: 'acme/lib', aud: 'x' } },
    { conditions: { project_path: '' } },
    { conditions: { project_path: 5 } },
    { issuer: 'http://10.0.0.1' },
    { issuer: 'ftp://example.com' },
    { issuer: 'https://example.com/?a' },
    { name_patterns: [] },
    { scopes: ['all'] },
    { scopes: [] },
    { name: '' },
  ]
  for (const more of bad) {
    const { status } = await ask(maintainer, `POST ${trusts}`, wish(more))
    assert.equal(status, 400, JSON.stringify(more))
  }
  const pinned = { conditions: { 'kubernetes.io.namespace': 'ci', sub: 'system:*' } }
  assert.equal((await ask(maintainer, `POST ${trusts}`, wish(pinned))).status, 201)
})

test('claims in claims are conditions too', async () => {
  await ask(maintainer, `PUT ${at}`, { conditions: { 'kubernetes.io.namespace': 'ci' } })
  const pod = (namespace: string) =>
    issuer.sign(claims({ 'kubernetes.io': { namespace, pod: { name: 'p' } } }))
  assert.equal((await exchange(await pod('ci'))).status, 201)
  assert.equal((await exchange(await pod('other'))).status, 401)
})

test('a dry run says what fails, and uses nothing up', async () => {
  const dry = async (idToken: string) =>
    (await ask(maintainer, `POST ${at}/dry_run`, { id_token: idToken })).body
  const good = await issuer.sign(claims())
  assert.deepEqual([(await dry(good)).accepted, (await dry(good)).reason], [true, null])
  assert.equal((await exchange(good)).status, 201)
  assert.equal((await dry(good)).reason, 'it was exchanged before')
  const wrong = await dry(await issuer.sign(claims({ ref: 'main' })))
  assert.deepEqual([wrong.accepted, wrong.reason], [false, 'its claim ref is main, which does not match v*'])
  assert.deepEqual(
    wrong.conditions.map((one: any) => [one.claim, one.met]),
    [
      ['project_path', true],
      ['ref', false],
    ],
  )
  assert.match((await dry(await issuer.sign(claims({ aud: 'x' })))).reason, /^its audience must be/)
  assert.match((await dry(await other.sign(claims()))).reason, /its issuer is/)
  const nonsense = await dry('nonsense')
  assert.deepEqual([nonsense.accepted, nonsense.conditions], [false, []])
  assert.doesNotMatch(nonsense.reason, /401/)
  assert.match((await dry(await issuer.sign(claims({ ref: undefined })))).reason, /no claim ref/)
  const developer = await app.user('dry-dev')
  await app.member(developer, 'acme/lib', 30)
  assert.equal((await ask(developer, `POST ${at}/dry_run`, { id_token: good })).status, 403)
})

test('keys are kept, fetched anew for an unknown one, and needed', async () => {
  await exchange(await issuer.sign(claims()))
  const asked = issuer.keysAsked()
  await exchange(await issuer.sign(claims()))
  assert.equal(issuer.keysAsked(), asked)
  await issuer.rotate()
  app.clock.advance(61_000)
  assert.equal((await exchange(await issuer.sign(claims()))).status, 201)
  for (let i = 0; i < 3; i++) await exchange(await issuer.sign(claims(), { kid: 'unknown' }))
  assert.equal(issuer.keysAsked(), asked + 1, 'not for every wrong token')
  issuer.lie({ issuer: other.url })
  app.clock.advance(11 * 60_000)
  assert.equal((await exchange(await issuer.sign(claims()))).status, 201, 'what is kept still counts')
  app.clock.advance(60 * 60_000)
  const { status } = await app.anonymous.post('/api/v4/job_tokens/exchange', {
    id_token: await issuer.sign(claims()),
  })
  assert.equal(status, 503)
  issuer.lie({})
  app.clock.advance(11_000)
  assert.equal((await exchange(await issuer.sign(claims()))).status, 201)
})

test('what was used is forgotten when it could not be used any more', async () => {
  await job(await issuer.sign(claims()))
  const count = async (table: 'used_id_tokens' | 'tokens') => {
    const rows = await app.core.database.read.selectFrom(table).selectAll().execute()
    return table === 'tokens' ? rows.filter((row: any) => row.kind === 'job').length : rows.length
  }
  const forget = () => forgetExpired.run(app.core, '', new AbortController().signal)
  await forget()
  assert.ok((await count('used_id_tokens')) > 0)
  app.clock.advance(8 * 86_400_000)
  await forget()
  assert.deepEqual([await count('used_id_tokens'), await count('tokens')], [0, 0])
})
