import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createTestApp, type TestApp } from '../../test/app.ts'
import {
  clientId,
  clientSecret,
  startProvider,
  type TestPerson,
  type TestProvider,
} from '../../test/openid-provider.ts'
import { startIssuer } from '../../test/issuer.ts'
import { invitationLink, passwordLink } from '../core/access/one-time-links.ts'
import { findUserByName } from '../core/records/users.ts'
import { createBrowser, signedIn, type Browser } from './browser.testing.ts'

const day = 86_400_000
let provider: TestProvider
before(async () => {
  provider = await startProvider()
})
after(() => provider.close())

const ssoEnv = (more: Readonly<Record<string, string>> = {}) => ({
  ENTREPOT_SSO__ISSUER: provider.issuer.url,
  ENTREPOT_SSO__CLIENT_ID: clientId,
  ENTREPOT_SSO__CLIENT_SECRET: clientSecret,
  ENTREPOT_SSO__NAME: 'Acme',
  ...more,
})
const start = (more?: Readonly<Record<string, string>>) =>
  createTestApp({ env: ssoEnv(more), anonymous: false })

/** Goes to the provider, signs in there and comes back. */
async function signIn(
  app: TestApp,
  person: TestPerson,
  browser: Browser = createBrowser(app.url),
  from = '/sign-in/sso',
) {
  const away = await browser.get(from)
  assert.equal(away.status, 303, away.text)
  const back = provider.letIn(away.location, person)
  assert.ok(back.startsWith(`${app.url}/sign-in/sso/callback?`))
  const arrived = await browser.get(back.slice(app.url.length))
  return { browser, arrived }
}

const userNamed = (app: TestApp, name: string) => findUserByName(app.core.database.read, name)
const shown = async (browser: Browser) => /class="who">([^<]*)/.exec((await browser.get('/')).text)?.[1]
const message = (text: string) => /role="alert">([^<]*)/.exec(text)?.[1] ?? ''

describe('signing in through the provider', () => {
  let app: TestApp
  before(async () => {
    app = await start()
  })
  after(() => app.close())

  it('leads there with PKCE, state and nonce, and back to where one was going', async () => {
    const browser = createBrowser(app.url)
    const page = await browser.get('/sign-in?return_to=%2Ftokens')
    assert.match(page.text, /href="\/sign-in\/sso\?return_to=%2Ftokens">Sign in with Acme</)
    const away = await browser.get('/sign-in/sso?return_to=%2Ftokens')
    assert.match(away.headers.get('set-cookie')!, /; Path=\/sign-in\/sso; HttpOnly; SameSite=Lax$/)
    const asked = provider.begun(away.location)
    assert.equal(asked.get('client_id'), clientId)
    assert.equal(asked.get('response_type'), 'code')
    assert.equal(asked.get('scope'), 'openid profile')
    for (const name of ['state', 'nonce', 'code_challenge']) assert.equal(asked.get(name)?.length, 43, name)

    const person = { sub: 'u1', claims: { preferred_username: 'ada', name: 'Ada Lovelace' } }
    const back = provider.letIn(away.location, person)
    const arrived = await browser.get(back.slice(app.url.length))
    assert.equal(arrived.location, '/tokens')
    assert.equal(await shown(browser), 'ada')
    assert.equal((await userNamed(app, 'ada'))?.name, 'Ada Lovelace')
    // What was in the cookie is spent.
    assert.equal((await browser.get(back.slice(app.url.length))).status, 401)
    assert.deepEqual(provider.refused, [])
  })

  it('is the same user each time, whatever they are called by then, and never another of that name', async () => {
    const first = await userNamed(app, 'ada')
    const again = await signIn(app, { sub: 'u1', claims: { preferred_username: 'root', email: 'root@here' } })
    assert.equal(await shown(again.browser), first?.username)

    const namesake = await signIn(app, { sub: 'u2', claims: { preferred_username: 'Root' } })
    assert.equal(await shown(namesake.browser), 'Root2')
    const mail = await signIn(app, { sub: 'u3', userInfo: { preferred_username: 'Jürgen O’Neil@x.org' } })
    assert.equal(await shown(mail.browser), 'Jurgen-O-Neil')
    const nobody = await signIn(app, { sub: 'u4' })
    assert.equal(await shown(nobody.browser), 'user')
  })

  it('is refused with an answer that was not asked for here', async () => {
    const victim = createBrowser(app.url)
    const stranger = createBrowser(app.url)
    const back = provider.letIn((await stranger.get('/sign-in/sso')).location, { sub: 'attacker' })
    const asked = provider.tokensAsked()
    const path = back.slice(app.url.length)
    assert.equal((await victim.get(path)).status, 401)
    await victim.get('/sign-in/sso')
    const mixed = await victim.get(path)
    assert.equal(mixed.status, 401)
    assert.match(message(mixed.text), /was not begun in this browser/)
    assert.equal(victim.cookie, '')
    assert.equal(provider.tokensAsked(), asked)

    const late = createBrowser(app.url)
    const lateBack = provider.letIn((await late.get('/sign-in/sso')).location, { sub: 'u1' })
    app.clock.advance(11 * 60_000)
    assert.equal((await late.get(lateBack.slice(app.url.length))).status, 401)
  })

  const seconds = () => Math.floor(Date.now() / 1000)
  const forgeries: [what: string, claims: () => Record<string, unknown>][] = [
    ['another nonce', () => ({ nonce: 'n'.repeat(43) })],
    ['no nonce', () => ({ nonce: undefined })],
    ['another audience', () => ({ aud: 'somebody-else' })],
    ['several audiences and another party', () => ({ aud: [clientId, 'other'], azp: 'other' })],
    ['another issuer', () => ({ iss: 'https://login.example.com' })],
    ['no subject', () => ({ sub: undefined })],
    ['an end in the past', () => ({ iat: seconds() - 600, exp: seconds() - 300 })],
  ]
  for (const [what, claims] of forgeries) {
    it(`is refused with a token of ${what}`, async () => {
      const { browser, arrived } = await signIn(app, { sub: 'forged', claims: claims() })
      assert.equal(arrived.status, 401)
      assert.match(message(arrived.text), /^What Acme answered was not accepted/)
      assert.equal(browser.cookie, '')
    })
  }

  it('is refused with a token that another key signed', async (t) => {
    const other = await startIssuer()
    t.after(() => other.close())
    const { sign } = provider.issuer
    Object.assign(provider.issuer, {
      sign: (claims: Record<string, unknown>) => other.sign({ iss: provider.issuer.url, ...claims }),
    })
    const { arrived } = await signIn(app, { sub: 'forged' })
    Object.assign(provider.issuer, { sign })
    assert.equal(arrived.status, 401)
    assert.equal((await signIn(app, { sub: 'u1' })).arrived.status, 303)
  })

  it('is refused when the provider refuses, and says its word for it', async () => {
    const browser = createBrowser(app.url)
    const asked = provider.begun((await browser.get('/sign-in/sso')).location)
    const query = new URLSearchParams({ error: 'access_denied', state: asked.get('state')! })
    const arrived = await browser.get(`/sign-in/sso/callback?${query}`)
    assert.equal(arrived.status, 401)
    assert.equal(message(arrived.text), 'Acme did not let you in (access_denied).')
  })

  it('is refused to blocked users', async () => {
    const ada = await userNamed(app, 'ada')
    const { browser } = await signIn(app, { sub: 'u1' })
    await app.root.json('POST', `/api/v4/users/${ada!.id}/block`)
    assert.equal((await browser.get('/tokens')).status, 303)
    const { arrived } = await signIn(app, { sub: 'u1' })
    assert.equal(arrived.status, 403)
    assert.match(message(arrived.text), /is blocked/)
    await app.root.json('POST', `/api/v4/users/${ada!.id}/unblock`)
    assert.equal((await signIn(app, { sub: 'u1' })).arrived.status, 303)
  })

  it('leads nowhere else afterwards', async () => {
    for (const goal of ['//evil.example', 'https://evil.example', '/\\evil.example']) {
      const from = `/sign-in/sso?${new URLSearchParams({ return_to: goal })}`
      assert.equal((await signIn(app, { sub: 'u1' }, createBrowser(app.url), from)).arrived.location, '/')
    }
  })
})

describe('roles by groups at the provider', () => {
  const groupRoles = [
    { claim: 'platform', group: 'acme/platform', role: 'maintainer' },
    { claim: 'everyone', group: 'Acme', role: 'reporter' },
    { claim: 'leads', group: 'acme', role: 'owner' },
    { claim: 'everyone', group: 'gone', role: 'owner' },
    { claim: 'helpers', group: 'tools', role: 'guest' },
  ]
  let app: TestApp
  before(async () => {
    app = await start({
      ENTREPOT_SSO__GROUPS_CLAIM: 'teams',
      ENTREPOT_SSO__GROUP_ROLES: JSON.stringify(groupRoles),
      ENTREPOT_SSO__ADMIN_GROUP: 'admins',
    })
    await app.group('platform', { parent: 'acme' })
    await app.group('tools')
  })
  after(() => app.close())

  async function rolesWith(sub: string, teams: unknown, where: 'claims' | 'userInfo' = 'claims') {
    const { arrived } = await signIn(app, { sub, [where]: { preferred_username: sub, teams } })
    assert.equal(arrived.status, 303, arrived.text)
    const user = await userNamed(app, sub)
    const rows = await app.core.database.read
      .selectFrom('members')
      .innerJoin('groups', 'groups.id', 'members.group_id')
      .select(['groups.full_path', 'members.role'])
      .where('user_id', '=', user!.id)
      .orderBy('groups.full_path')
      .execute()
    return Object.fromEntries(rows.map((row) => [row.full_path, row.role]))
  }

  it('are given, changed and taken at each sign-in, the highest of several', async () => {
    assert.deepEqual(await rolesWith('grace', ['everyone', 'platform', 7]), { acme: 20, 'acme/platform': 40 })
    assert.deepEqual(await rolesWith('grace', ['leads', 'everyone'], 'userInfo'), { acme: 50 })
    assert.deepEqual(await rolesWith('grace', 'everyone'), { acme: 20 })
    assert.deepEqual(await rolesWith('grace', { everyone: true }), {})
    assert.deepEqual(await rolesWith('grace', ['leads']), { acme: 50 })
    assert.deepEqual(await rolesWith('grace', undefined), {})
    const events = await app.root.json('GET', '/api/v4/audit_events?per_page=100')
    assert.ok(JSON.stringify(events).includes('member.removed'))
  })

  it('that people gave are left', async () => {
    await rolesWith('heidi', [])
    const heidi = await userNamed(app, 'heidi')
    const path = (await app.group('tools')).id
    await app.root.json('POST', `/api/v4/groups/${path}/members`, { user_id: heidi!.id, access_level: 30 })
    assert.deepEqual(await rolesWith('heidi', ['helpers', 'platform']), { 'acme/platform': 40, tools: 30 })
    assert.deepEqual(await rolesWith('heidi', []), { tools: 30 })
  })

  it('make and unmake administrators', async () => {
    const isAdmin = async (teams: string[]) => {
      await rolesWith('ivan', teams)
      return (await userNamed(app, 'ivan'))?.admin === 1
    }
    assert.equal(await isAdmin(['everyone']), false)
    assert.equal(await isAdmin(['admins']), true)
    assert.equal(await isAdmin([]), false)
    assert.equal((await userNamed(app, 'root'))?.admin, 1)
  })
})

describe('people who have not signed in through the provider for long', () => {
  it('have sessions and tokens that do not count until they do', async (t) => {
    const app = await start({ ENTREPOT_SSO__RECHECK_DAYS: '3' })
    t.after(() => app.close())
    const { browser } = await signIn(app, { sub: 'mia', claims: { preferred_username: 'mia' } })
    const mia = await userNamed(app, 'mia')
    const wish = { name: 'laptop', scopes: ['api'] }
    const { token } = await app.root.json('POST', `/api/v4/users/${mia!.id}/personal_access_tokens`, wish)
    const ask = (secret = token) => fetch(`${app.url}/api/v4/user`, { headers: { 'private-token': secret } })
    assert.equal((await ask()).status, 200)
    app.clock.advance(3 * day - 60_000)
    assert.equal((await ask()).status, 200)
    assert.equal((await browser.get('/tokens')).status, 200)
    app.clock.advance(60_001)
    const refused = await ask()
    assert.equal(refused.status, 401)
    assert.match(await refused.text(), /sign in with Acme at http/)
    assert.equal((await browser.get('/tokens')).status, 303)
    await assert.rejects(signedIn(app, { id: mia!.id, username: 'mia' } as never))
    assert.equal((await app.root.get('/api/v4/user')).status, 200, 'who never came from there is let be')

    await signIn(app, { sub: 'mia' })
    assert.equal((await ask()).status, 200)
  })
})

it('is limited where it fails again and again from one address', async (t) => {
  const app = await start({ ENTREPOT_RATE_LIMITS__FAILED_AUTHENTICATIONS_PER_MINUTE: '3' })
  t.after(() => app.close())
  const statuses: number[] = []
  for (let i = 0; i < 5; i++) {
    const { arrived } = await signIn(app, { sub: 'forged', claims: { aud: 'somebody-else' } })
    statuses.push(arrived.status)
  }
  assert.deepEqual(statuses, [401, 401, 401, 429, 429])
  const asked = provider.tokensAsked()
  assert.equal((await signIn(app, { sub: 'x' })).arrived.status, 429)
  assert.equal(provider.tokensAsked(), asked)
  app.clock.advance(61_000)
  assert.equal((await signIn(app, { sub: 'x' })).arrived.status, 303)
})

describe('without passwords, and without making users', () => {
  let app: TestApp
  before(async () => {
    app = await start({ ENTREPOT_PASSWORD_SIGN_IN: 'false', ENTREPOT_SSO__CREATE_USERS: 'false' })
  })
  after(() => app.close())

  it('there is no form, and the right password is refused', async () => {
    const page = await createBrowser(app.url).get('/sign-in')
    assert.doesNotMatch(page.text, /type="password"/)
    assert.match(page.text, /Sign in with Acme/)
    await assert.rejects(signedIn(app, app.root))
  })

  it('strangers stay out, and the invited become who they were invited as', async () => {
    const stranger = await signIn(app, { sub: 's1', claims: { preferred_username: 'nina' } })
    assert.equal(stranger.arrived.status, 403)
    assert.match(message(stranger.arrived.text), /ask an administrator for an invitation/)
    assert.equal(await userNamed(app, 'nina'), undefined)

    const made = await app.root.json('POST', '/api/v4/users', { username: 'nina', reset_password: true })
    const link = new URL(made.password_link)
    const page = await createBrowser(app.url).get(link.pathname + link.search)
    assert.doesNotMatch(page.text, /type="password"/)
    const from = /href="(\/sign-in\/sso[^"]*)"/.exec(page.text)![1]!.replaceAll('&amp;', '&')
    const invited = await signIn(app, { sub: 's1' }, createBrowser(app.url), from)
    assert.equal(await shown(invited.browser), 'nina')
    assert.equal((await signIn(app, { sub: 's1' })).arrived.status, 303)
    // The link is used up, for others as well.
    assert.equal((await createBrowser(app.url).get(link.pathname + link.search)).status, 404)
    assert.equal((await signIn(app, { sub: 's2' }, createBrowser(app.url), from)).arrived.status, 404)
  })

  it('links choose no password, but those of the command line do', async () => {
    const omar = await app.user('omar')
    const choose = async (make: typeof passwordLink) => {
      const link = await app.core.database.write((db) => make(db, app.url, omar.id, app.clock.now()))
      const key = new URL(link).searchParams.get('key')!
      const password = 'a password nobody knows'
      return createBrowser(app.url).submit('/password', { key, password, repeated: password })
    }
    assert.equal((await choose(invitationLink)).status, 403)
    assert.equal((await choose(passwordLink)).status, 303)
  })
})

it('says so when the provider cannot be asked or answers nonsense, and asks it again the next time', async (t) => {
  const own = await startProvider()
  const apps: TestApp[] = []
  t.after(async () => {
    for (const app of apps) await app.close()
    await own.close()
  })
  const startFor = async (issuer: string) => {
    const app = await createTestApp({ env: { ...ssoEnv(), ENTREPOT_SSO__ISSUER: issuer } })
    apps.push(app)
    return createBrowser(app.url)
  }
  const lost = await (await startFor(`${own.issuer.url}/nowhere`)).get('/sign-in/sso')
  assert.equal(lost.status, 502)
  assert.match(message(lost.text), /^Acme does not answer/)
  assert.match(lost.text, /type="password"/)

  const browser = await startFor(own.issuer.url)
  own.issuer.lie({ ...own.configuration, issuer: 'https://login.example.com' })
  assert.equal((await browser.get('/sign-in/sso')).status, 401)
  own.issuer.lie(own.configuration)
  assert.equal((await browser.get('/sign-in/sso')).status, 303)
})

it('is not there unless configured', async (t) => {
  const app = await createTestApp()
  t.after(() => app.close())
  const browser = createBrowser(app.url)
  assert.equal((await browser.get('/sign-in/sso')).status, 404)
  assert.equal((await browser.get('/sign-in/sso/callback?code=a&state=b')).status, 404)
  assert.doesNotMatch((await browser.get('/sign-in')).text, /sign-in\/sso/)
})
