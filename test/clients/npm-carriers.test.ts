/** npm with each kind of token, as Bearer (`_authToken`) and as Basic (`_auth`). */
import assert from 'node:assert/strict'
import { npmPublish, saidBy, writeApp, writeNpmrc } from './support/npm-clients.ts'
import { story } from './support/story.ts'
import { withTokens } from './support/tokens.ts'

story('npm publishes and installs with the tokens of every kind', ['npm'], async (home) => {
  await withTokens(async ({ world, tokens }) => {
    const [scope, url] = [world.group.path, world.address('npm')]
    for (const { kind, token, username } of tokens) {
      for (const as of ['bearer', 'basic'] as const) {
        const registry = { url, scope, token, ...(as === 'basic' ? { username } : {}) }
        const name = `@${scope}/${kind}-${as}`
        await npmPublish(home, registry, { name, version: '1.0.0' })
        const app = `install/${kind}-${as}`
        writeApp(home, app)
        writeNpmrc(home, app, registry)
        await home.run('npm', ['install', '--no-audit', name], { in: app })
        assert.equal(await saidBy(home, app, name), `${name} 1.0.0`)
      }
    }
    const { token } = tokens.find(({ kind }) => kind === 'deploy')!
    writeApp(home, 'wrong')
    writeNpmrc(home, 'wrong', { url, scope, token, username: 'somebody-else' })
    await home.refused('npm', ['view', `@${scope}/deploy-basic`], /E401/, { in: 'wrong' })
  })
})
