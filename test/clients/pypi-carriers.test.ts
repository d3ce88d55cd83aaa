/** Every kind of token, the ways in which Python's clients can send it, and trusted publishing. */
import assert from 'node:assert/strict'
import { makeCertificate } from '../certificate.ts'
import { startIssuer } from '../issuer.ts'
import {
  build,
  installers,
  python,
  refuseClient,
  runClient,
  saidBy,
  simpleUrl,
  twineUpload,
  uvPublish,
} from './support/python-clients.ts'
import { startRecorder } from './support/recorder.ts'
import { startServer } from './support/server.ts'
import { story } from './support/story.ts'
import { withTokens } from './support/tokens.ts'
import { makeWorld, post } from './support/world.ts'

story('twine, uv and pip send the tokens of every kind', ['twine', 'uv', 'pip'], async (home) => {
  await withTokens(async ({ world, tokens }) => {
    const url = world.address('pypi')
    for (const { kind, token, username } of tokens) {
      for (const [index, user] of ['__token__', username].entries()) {
        const registry = { url, token, username: user }
        const name = `by-${kind}-${index}`
        const [source, wheel] = (await build(home, name, { name, version: '1.0' })).toSorted((a, b) =>
          b.localeCompare(a),
        )
        await runClient(home, twineUpload(registry, source!))
        await runClient(home, uvPublish(registry, wheel!))
        for (const [client, command] of Object.entries(installers)) {
          const folder = `out/${name}-${client}`
          await runClient(home, command(registry, folder, name))
          assert.equal(await saidBy(home, folder, name), `${name} 1.0`)
        }
      }
      const netrc = home.write(`netrc-${kind}`, `machine 127.0.0.1\nlogin ${username}\npassword ${token}\n`)
      for (const [client, command] of Object.entries(installers)) {
        const folder = `out/netrc-${kind}-${client}`
        await runClient(home, command({ url }, folder, `by-${kind}-0`), { env: { NETRC: netrc } })
        assert.equal(await saidBy(home, folder, `by-${kind}-0`), `by-${kind}-0 1.0`)
      }
    }
    const { token } = tokens.find(({ kind }) => kind === 'deploy')!
    const wrong = simpleUrl({ url, token, username: 'somebody-else' })
    await refuseClient(
      home,
      ['pip', 'download', '--no-cache-dir', '--index-url', wrong, 'by-deploy-0'],
      /401|No matching/,
    )
  })
})

story('a CI job publishes by its ID token alone', ['uv', 'twine'], async (home) => {
  const issuer = await startIssuer()
  // Both clients ask over TLS, whatever address they are given.
  const certificate = makeCertificate()
  const front = await startRecorder(certificate)
  try {
    const settings = { ENTREPOT_TRUSTS__INTERNAL_ISSUERS: issuer.url, ENTREPOT_PUBLIC_URL: front.url }
    const own = await startServer(settings)
    front.passTo(own.url)
    try {
      const world = await makeWorld(own, 'private')
      const conditions = { project_path: world.project.fullPath }
      await post(own, `projects/${world.project.id}/trusts`, { name: 'CI', issuer: issuer.url, conditions })
      const job = async (projectPath: string) => ({
        GITLAB_CI: 'true',
        // What both make of the audience that they are told, which is our public URL.
        [`${front.url.toUpperCase().replaceAll(/\W/g, '_')}_ID_TOKEN`]: await issuer.sign({
          aud: front.url,
          sub: 'a-job',
          project_path: projectPath,
        }),
        UV_INSECURE_HOST: '127.0.0.1',
        REQUESTS_CA_BUNDLE: home.write('ca.pem', certificate.cert),
      })
      const url = `${front.url}${new URL(world.address('pypi')).pathname}`
      const files = await build(home, 'trusted', { name: 'trusted', version: '1.0' })
      const command = ['uv', 'publish', '--publish-url', url, '--trusted-publishing', 'always', ...files]
      await refuseClient(home, command, /no trust lets/, { env: await job('somebody/else') })
      await runClient(home, command, { env: await job(world.project.fullPath) })
      const registry = { url, token: world.token }
      await runClient(home, installers.uv(registry, 'out', 'trusted'), {
        env: { UV_INSECURE_HOST: '127.0.0.1' },
      })
      assert.equal(await saidBy(home, 'out', 'trusted'), 'trusted 1.0')
      // twine exchanges for two public addresses only: its own function is asked for the token.
      const minted = await python(home, ['-c', mintWithTwine, url], {
        env: await job(world.project.fullPath),
      })
      const [more = ''] = await build(home, 'more', { name: 'trusted', version: '1.1' })
      const upload = twineUpload({ url: world.address('pypi'), token: minted.stdout.trim() }, more)
      await runClient(home, upload)
      const refused = ['client-python', '-c', mintWithTwine, url]
      await refuseClient(home, refused, /no trust lets/, { env: await job('somebody/else') })
    } finally {
      await own.stop()
    }
  } finally {
    await front.close()
    await issuer.close()
  }
})

const mintWithTwine = `
import sys
from twine.auth import CredentialInput, Resolver
print(Resolver({"repository": sys.argv[1]}, CredentialInput()).make_trusted_publishing_token())
`
